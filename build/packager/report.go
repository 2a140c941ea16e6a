package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

const (
	sumsFile      = "SHA256SUMS"
	signatureFile = sumsFile + ".asc"
)

// checksums writes SHA256SUMS, and its signature if there is a key.
func checksums(j *job, made []artifact) ([]artifact, error) {
	var b strings.Builder
	for _, one := range made {
		f, err := os.Open(filepath.Join(j.out, one.file))
		if err != nil {
			return nil, err
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%x  %s\n", sum.Sum(nil), one.file)
	}
	if err := os.WriteFile(filepath.Join(j.out, sumsFile), []byte(b.String()), 0o666); err != nil {
		return nil, err
	}
	files := []artifact{{file: sumsFile}}
	if j.sign.gpg == "" {
		return files, nil
	}
	signature, err := j.sign.detached(strings.NewReader(b.String()))
	if err != nil {
		return nil, err
	}
	files = append(files, artifact{signatureFile, []string{"verified"}})
	return files, os.WriteFile(filepath.Join(j.out, signatureFile), signature, 0o666)
}

// report prints a table of the finished files.
func report(w io.Writer, dir string, made []artifact) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "file\tsize\tchecked by\n")
	for _, one := range made {
		info, err := os.Stat(filepath.Join(dir, one.file))
		if err != nil {
			return err
		}
		checked := strings.Join(one.checked, ", ")
		if checked == "" {
			checked = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", one.file, size(info.Size()), checked)
	}
	return table.Flush()
}

func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
}
