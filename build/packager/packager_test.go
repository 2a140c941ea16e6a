package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/tc-hib/winres"

	"casement/manifest"
)

const sample = `{
	"name": "Tom & \"Jerry\"", "id": "com.example.tom-jerry", "version": "1.2.3-rc.1", "summary": "Chase <mice>",
	"description": "First.\n\nSecond, which is long enough that it has to be broken into two lines somewhere.",
	"publisher": "Ann & Co", "maintainer": "Ann Example <ann@example.com>", "homepage": "https://example.com/?a&b",
	"license": "MIT", "executable": "tom", "scheme": "tom",
	"fileTypes": [
		{ "mime": "application/x-mouse", "name": "A <mouse>", "extensions": ["mouse", "mus"] },
		{ "mime": "text/plain", "name": "Text" }
	]
}`

func sampleApp(t *testing.T) *app {
	t.Helper()
	m, err := manifest.Parse([]byte(strings.Replace(sample, `Tom & \"Jerry\"`, `Tom & Jerry's $HOME`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return &app{Manifest: m, icon: image.NewNRGBA(image.Rect(0, 0, 64, 64)), license: "Do.\n\nOr not.\n",
		time: time.Unix(1_700_000_000, 0).UTC()}
}

// folder creates an app's main package. icon is the width of its icon: 0 for no icon, negative for
// a file that is not an image.
func folder(t *testing.T, json string, icon int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(manifest.File, []byte(json))
	if icon < 0 {
		write(iconFile, []byte("\xff\xd8\xff a photograph"))
	}
	if icon > 0 {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, icon, icon))); err != nil {
			t.Fatal(err)
		}
		write(iconFile, b.Bytes())
	}
	write("go.mod", []byte("module example.com/app\n\ngo 1.26\n"))
	write("main.go", []byte("package main\n\nfunc main() { this does not compile }\n"))
	return dir
}

func TestBadInputIsOneLineAndLeavesNothing(t *testing.T) {
	good := strings.Replace(sample, `Tom & \"Jerry\"`, "Tom", 1)
	for name, c := range map[string]struct {
		json    string
		icon    int
		formats string
		path    string
		epoch   string
		says    string
	}{
		"an invalid version":   {strings.Replace(good, "1.2.3-rc.1", "1.x", 1), 1024, "tar.gz", "", "", "casement.json: version: "},
		"a bad scheme":         {strings.Replace(good, `"scheme": "tom"`, `"scheme": "tom://"`, 1), 1024, "tar.gz", "", "", "casement.json: scheme: "},
		"a field misspelled":   {strings.Replace(good, `"scheme"`, `"schema"`, 1), 1024, "tar.gz", "", "", `casement.json: unknown field "schema"`},
		"a small icon":         {good, 512, "tar.gz", "", "", "icon.png: the icon is 512 by 512 pixels; it must be 1024 by 1024"},
		"a bad file type":      {strings.Replace(good, "text/plain", "text", 1), 1024, "tar.gz", "", "", "casement.json: fileTypes[1].mime: "},
		"an icon that is none": {good, -1, "tar.gz", "", "", "icon.png: the icon cannot be read as a PNG: "},
		"an unknown format":    {good, 1024, "deb,dmg", "", "", `-formats: unknown format "dmg"`},
		"a format of a Mac":    {good, 1024, "app", "", "", "-formats: app can be built only on darwin"},
		"a missing tool":       {good, 1024, "setup", "go git", "", "setup: x86_64-w64-mingw32-g++ is not installed; it is in the Debian package g++-mingw"},
		"a time before zips":   {good, 1024, "tar.gz", "", "17", "SOURCE_DATE_EPOCH: "},
		"a program that fails": {good, 1024, "tar.gz", "", "", "building the program for linux"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
			if c.epoch != "" {
				t.Setenv("SOURCE_DATE_EPOCH", c.epoch)
			}
			if c.path != "" {
				t.Setenv("PATH", only(t, strings.Fields(c.path)...))
			} else if c.formats == "tar.gz" {
				t.Setenv("PATH", os.Getenv("PATH"))
			}
			parent := t.TempDir()
			out := filepath.Join(parent, "dist")
			if err := os.Mkdir(out, 0o777); err != nil {
				t.Fatal(err)
			}
			var table strings.Builder
			err := dist(t.Context(), folder(t, c.json, c.icon), "../..", out, strings.Split(c.formats, ","), &table, io.Discard)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want an error with %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "\n") && name != "a program that fails" {
				t.Errorf("more than one line: %q", err)
			}
			var left []string
			walk := func(path string, _ os.DirEntry, err error) error {
				left = append(left, path)
				return err
			}
			if err := filepath.WalkDir(parent, walk); err != nil {
				t.Fatal(err)
			}
			if len(left) != 2 || table.Len() > 0 {
				t.Errorf("files left behind: %q, table: %q", left[1:], &table)
			}
		})
	}
}

// only returns a PATH with these programs and no others.
func only(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				if err := os.Symlink(filepath.Join(folder, name), filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
	}
	return dir
}

func TestWhatIsWrittenIsWellFormed(t *testing.T) {
	t.Parallel()
	a := sampleApp(t)
	i := installer{app: a, Version4: "1.2.3.0", Upgrade: guid("a"), Product: guid("b"), Component: guid("c"), Icon: "/x/y.ico"}
	wxs := filepath.Join(t.TempDir(), "app.wxs")
	if err := fill(wxs, "templates/app.wxs", xmlText, i); err != nil {
		t.Fatal(err)
	}
	msi, err := os.ReadFile(wxs)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"metainfo": a.metainfo(), "mime": a.mimeTypes(), "plist": a.infoPlist(), "msi": msi,
	} {
		d := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v in\n%s", name, err, text)
				break
			}
		}
	}
	for _, want := range []string{
		"\nName=Tom & Jerry's $HOME\n", "\nExec=tom %U\n", "\nIcon=com.example.tom-jerry\n",
		"\nMimeType=application/x-mouse;text/plain;x-scheme-handler/tom;\n",
	} {
		if text := string(a.desktopEntry()); !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if text := string(a.mimeTypes()); strings.Contains(text, "text/plain") || !strings.Contains(text, `<glob pattern="*.mus"/>`) {
		t.Errorf("the known type is present, or the app's own is missing:\n%s", text)
	}
	if text := string(a.debCopyright()); !strings.HasSuffix(text, "License: MIT\n Do.\n .\n Or not.\n") {
		t.Errorf("copyright:\n%s", text)
	}
}

func TestNSISTakesTextAsItIs(t *testing.T) {
	t.Parallel()
	if got, want := nsis(`$INSTDIR "x"`), `$$INSTDIR $\"x$\"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDependenciesAreMetUnderEitherName(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"libc6 (>= 2.34)":             "libc6 (>= 2.34)",
		"libgtk-3-0 (>= 3.19)":        "libgtk-3-0 (>= 3.19) | libgtk-3-0t64 (>= 3.19)",
		"libglib2.0-0t64 (>= 2.35.8)": "libglib2.0-0t64 (>= 2.35.8) | libglib2.0-0 (>= 2.35.8)",
		"libgtk-3-0":                  "libgtk-3-0 | libgtk-3-0t64",
		"liba | libb":                 "liba | libb",
	} {
		if got := eitherName(from); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

func TestIconsAreWhatReadersExpect(t *testing.T) {
	t.Parallel()
	icons, err := resize(sampleApp(t).icon)
	if err != nil {
		t.Fatal(err)
	}
	for size, data := range icons {
		if c, err := png.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width != size || c.Height != size {
			t.Errorf("%d: %v, %v", size, c, err)
		}
	}
	var ico, icns bytes.Buffer
	if err := errors.Join(writeICO(&ico, icons), writeICNS(&icns, icons)); err != nil {
		t.Fatal(err)
	}
	if _, err := winres.LoadICO(bytes.NewReader(ico.Bytes())); err != nil {
		t.Error(err)
	}
	b := icns.Bytes()
	if length := int(b[4])<<24 | int(b[5])<<16 | int(b[6])<<8 | int(b[7]); string(b[:4]) != "icns" || length != len(b) {
		t.Errorf("%q, %d of %d bytes", b[:4], length, len(b))
	}
}

func TestATarballIsTheSameTwiceAndIsReadBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("program"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := &job{app: sampleApp(t), work: dir}
	entries := []entry{{"bin/tom", 0o755, program}, {"share/man/man1/tom.1.gz", 0o644, program}}
	var first, second bytes.Buffer
	if err := errors.Join(j.writeTarball(&first, "tom-1", entries), j.writeTarball(&second, "tom-1", entries)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two tarballs differ")
	}
	file := filepath.Join(dir, "tom.tar.gz")
	if err := os.WriteFile(file, first.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readTarball(file, "tom-1", entries); err != nil {
		t.Error(err)
	}
	if err := readTarball(file, "tom-1", append(entries, entry{"more", 0o644, program})); err == nil {
		t.Error("a missing file is not detected")
	}
}

func TestIDsAreStable(t *testing.T) {
	t.Parallel()
	if a, b := guid("a", "b"), guid("ab"); a == b || len(a) != 36 || a[14] != '5' {
		t.Errorf("%s and %s", a, b)
	}
	if got := guid("com.example.hasher"); got != guid("com.example.hasher") {
		t.Error("the ids of two calls differ")
	}
}

func TestLinesAreShort(t *testing.T) {
	t.Parallel()
	text := wrap([]string{strings.Repeat("word ", 40), strings.Repeat("x", 100) + " end"})
	lines := strings.Split(text, "\n")
	if !slices.Contains(lines, "") || !slices.Contains(lines, strings.Repeat("x", 100)) {
		t.Errorf("%q", lines)
	}
	for _, line := range lines {
		if len(line) > 76 && !strings.HasPrefix(line, "xxx") {
			t.Errorf("%q is too long", line)
		}
	}
}

func TestAKeyThatIsNoneIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"CASEMENT_GPG_KEY": file, "CASEMENT_CODESIGN_PFX": file + ".missing"} {
		_, err := newSigner(func(asked string) string {
			if asked == name {
				return path
			}
			return ""
		})
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASignatureIsVerified(t *testing.T) {
	t.Parallel()
	key, err := openpgp.NewEntity("Ann Example", "", "ann@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := writeFile(file, func(w io.Writer) error { return key.SerializePrivate(w, nil) }); err != nil {
		t.Fatal(err)
	}
	s := &signer{gpg: file}
	if text, err := s.detached(strings.NewReader("sums")); err != nil || !strings.HasPrefix(string(text), "-----BEGIN PGP SIGNATURE-----") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestTheLastCommitsTimeIsTaken(t *testing.T) {
	t.Parallel()
	if at, err := sourceDate(context.Background(), ".", "1700000000"); err != nil || at.Unix() != 1_700_000_000 {
		t.Errorf("%v, %v", at, err)
	}
	dir := folder(t, sample, 0)
	then := time.Unix(1_600_000_000, 0)
	if err := os.Chtimes(filepath.Join(dir, manifest.File), then, then); err != nil {
		t.Fatal(err)
	}
	if at, err := sourceDate(context.Background(), dir, ""); err != nil || !at.Equal(then) {
		t.Errorf("outside of a repository: %v, %v", at, err)
	}
}

func TestAnAppWithoutAnIconGetsAPlainOne(t *testing.T) {
	t.Parallel()
	icon, err := loadIcon(filepath.Join(t.TempDir(), iconFile))
	if err != nil || icon.Bounds().Dx() != iconSize {
		t.Errorf("%v", err)
	}
}
