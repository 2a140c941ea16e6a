package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// A signer holds the keys that the environment names. Formats without a key are not signed.
type signer struct {
	gpg, passphrase          string
	pfx, password, timestamp string
}

func newSigner(env func(string) string) (*signer, error) {
	s := &signer{
		gpg: env("CASEMENT_GPG_KEY"), passphrase: env("CASEMENT_GPG_PASSPHRASE"),
		pfx: env("CASEMENT_CODESIGN_PFX"), password: env("CASEMENT_CODESIGN_PASSWORD"),
		timestamp: env("CASEMENT_CODESIGN_TIMESTAMP"),
	}
	for name, path := range map[string]*string{"CASEMENT_GPG_KEY": &s.gpg, "CASEMENT_CODESIGN_PFX": &s.pfx} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err == nil {
			_, err = os.Stat(absolute)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		*path = absolute
	}
	if s.gpg != "" {
		if _, err := s.entity(); err != nil {
			return nil, fmt.Errorf("CASEMENT_GPG_KEY: %w", err)
		}
	}
	return s, nil
}

// entity reads the OpenPGP key and unlocks it.
func (s *signer) entity() (*openpgp.Entity, error) {
	data, err := os.ReadFile(s.gpg)
	if err != nil {
		return nil, err
	}
	keys, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(data))
	if err != nil {
		keys, err = openpgp.ReadKeyRing(bytes.NewReader(data))
	}
	if err != nil {
		return nil, err
	}
	if len(keys) != 1 || keys[0].PrivateKey == nil {
		return nil, errors.New("the file must contain exactly one secret key")
	}
	return keys[0], keys[0].DecryptPrivateKeys([]byte(s.passphrase))
}

// detached returns an armored detached signature of text, and verifies it with the key.
func (s *signer) detached(text io.ReadSeeker) ([]byte, error) {
	key, err := s.entity()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := openpgp.ArmoredDetachSign(&b, key, text, nil); err != nil {
		return nil, err
	}
	if _, err := text.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	_, err = openpgp.CheckArmoredDetachedSignature(openpgp.EntityList{key}, text, bytes.NewReader(b.Bytes()), nil)
	return b.Bytes(), err
}

// windowsFile signs a Windows file in place, and verifies that the signature is intact. It does not
// check whether the certificate is trusted.
func (j *job) windowsFile(ctx context.Context, one *artifact, path string) error {
	if j.sign.pfx == "" {
		return nil
	}
	signed := path + ".signed"
	args, err := j.codesign()
	if err != nil {
		return err
	}
	args = append(args, "-in", path, "-out", signed)
	if _, err := j.run(ctx, j.work, signtool.names[0], args...); err != nil {
		return err
	}
	if err := os.Rename(signed, path); err != nil {
		return err
	}
	out, err := j.run(ctx, j.work, signtool.names[0], "extract-signature", "-in", path, "-out", path+".sig")
	if err != nil {
		return fmt.Errorf("verifying the signature: %w: %s", err, out)
	}
	one.checked = append(one.checked, "osslsigncode")
	return os.Remove(path + ".sig")
}

// codesign returns the arguments for signing, without the files. The password is in a file, because
// all users can read the arguments of a process.
func (j *job) codesign() ([]string, error) {
	args := []string{"sign", "-pkcs12", j.sign.pfx, "-h", "sha256"}
	if j.sign.password != "" {
		file := filepath.Join(j.work, "password")
		if err := os.WriteFile(file, []byte(j.sign.password), 0o600); err != nil {
			return nil, err
		}
		args = append(args, "-readpass", file)
	}
	if j.sign.timestamp != "" {
		args = append(args, "-ts", j.sign.timestamp)
	}
	return args, nil
}
