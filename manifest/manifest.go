// Package manifest reads casement.json: the one file that says what an application is called, who makes
// it and what it opens. The program embeds it and asks it for its id and name; casement dist makes installers
// of it. All else, desktop entries, version resources and installers' scripts, is derived.
//
//	//go:embed casement.json
//	var manifestJSON []byte
//
//	var about = manifest.Must(manifest.Parse(manifestJSON))
package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"casement/internal/names"
)

// File is the name of the file, beside the program's main package.
const File = "casement.json"

// A Manifest describes an application. Its fields have been validated by Parse.
type Manifest struct {
	// Name is what a person calls the application, such as "Hasher".
	Name string `json:"name"`
	// ID names it to the system: three or more parts of a domain name turned round, such as
	// "com.example.hasher". Their letters, digits and hyphens begin with a letter; none is the name of a device on Windows,
	// such as con or com1.
	ID string `json:"id"`
	// Executable is the file name of the program and of its packages: lower-case letters, digits and
	// hyphens. Empty means the last part of ID.
	Executable string `json:"executable,omitempty"`
	// Version has three numbers and perhaps what precedes a release, such as 1.2.0 or 1.2.0-rc.1.
	Version string `json:"version"`
	// Summary says in one line of at most 79 characters what the application is for, without a full stop.
	Summary string `json:"summary"`
	// Description says more. An empty line parts paragraphs.
	Description string `json:"description"`
	// Publisher is who makes it: a person or an organization.
	Publisher string `json:"publisher"`
	// Maintainer answers for its packages: a name and an address, such as "Ann Example <ann@example.com>".
	Maintainer string `json:"maintainer"`
	// Homepage is where to read more.
	Homepage string `json:"homepage"`
	// License is an SPDX expression, such as "MIT".
	License string `json:"license"`
	// Copyright is the notice, such as "2026 Ann Example". Empty means Publisher.
	Copyright string `json:"copyright,omitempty"`
	// Categories are freedesktop.org's, which sort desktops' menus. None means Utility.
	Categories []string `json:"categories,omitempty"`
	// Scheme is the scheme of the URLs that the application opens, such as "hasher" for hasher:…; it may be
	// empty.
	Scheme string `json:"scheme,omitempty"`
	// FileTypes are the files that it opens.
	FileTypes []FileType `json:"fileTypes,omitempty"`
}

// A FileType is a kind of file that an application opens.
type FileType struct {
	// MIME is the type's name, such as "application/vnd.example.ledger".
	MIME string `json:"mime"`
	// Name is what a person calls such a file.
	Name string `json:"name"`
	// Extensions are without their dot, and in lower case. A type without any is one that the system knows
	// already.
	Extensions []string `json:"extensions,omitempty"`
}

// An Error says which field is wrong, and why.
type Error struct{ Field, Problem string }

// Error returns one line.
func (e *Error) Error() string { return File + ": " + e.Field + ": " + e.Problem }

var (
	executable = regexp.MustCompile(`^[a-z0-9][a-z0-9-]+$`)
	version    = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$`)
	license    = regexp.MustCompile(`^[A-Za-z0-9.+() -]+$`)
	scheme     = regexp.MustCompile(`^[a-z][a-z0-9+.-]+$`)
	mime       = regexp.MustCompile(`^[a-z]+/[a-z0-9][a-z0-9.+-]*$`)
	extension  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	category   = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
)

// taken are schemes that belong to the system or to every browser.
var taken = []string{
	"about", "app", "blob", "chrome", "data", "file", "ftp", "http", "https", "javascript", "mailto", "ssh", "tel", "ws", "wss",
}

// longestName leaves room in a file's name, of at most 255 bytes, for a version, a platform and an extension.
const longestName = 100

// longestSummary is what Debian's lists of packages have room for.
const longestSummary = 79

// Windows' installers hold a version in one, one and two bytes.
var versionLimits = []uint64{255, 255, 65535}

// Parse reads a manifest. An error that is about a field is an *Error; so is one about a field that does
// not exist.
func Parse(data []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, explain(err, data)
	}
	if _, err := d.Token(); err != io.EOF {
		return m, fmt.Errorf("%s: there is more after the object", File)
	}
	if m.Executable == "" {
		m.Executable = strings.ToLower(m.ID[strings.LastIndex(m.ID, ".")+1:])
	}
	if m.Copyright == "" {
		m.Copyright = m.Publisher
	}
	if len(m.Categories) == 0 {
		m.Categories = []string{"Utility"}
	}
	return m, m.validate()
}

// explain says of an error of the decoder's which field or line it is about.
func explain(err error, data []byte) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		want := "a text"
		switch kind.Type.Kind() {
		case reflect.Slice:
			want = "a list"
		case reflect.Struct:
			want = "an object"
		}
		return &Error{kind.Field, fmt.Sprintf("is of the type %s, and must be %s", kind.Value, want)}
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("%s:%d: %w", File, line, syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: it ends before its object does", File)
	}
	return fmt.Errorf("%s: %s", File, strings.TrimPrefix(err.Error(), "json: "))
}

// Must returns the manifest, or panics: one that is embedded was looked at when the program was made.
func Must(m Manifest, err error) Manifest {
	if err != nil {
		panic(err)
	}
	return m
}

// Numbers returns the version's three numbers.
func (m Manifest) Numbers() [3]uint16 {
	var numbers [3]uint16
	release, _, _ := strings.Cut(m.Version, "-")
	for i, part := range strings.SplitN(release, ".", 3) {
		n, _ := strconv.ParseUint(part, 10, 16)
		numbers[i] = uint16(n)
	}
	return numbers
}

func (m Manifest) validate() error {
	for _, f := range []struct{ field, text string }{
		{"name", m.Name}, {"id", m.ID}, {"version", m.Version}, {"summary", m.Summary},
		{"description", m.Description}, {"publisher", m.Publisher}, {"maintainer", m.Maintainer},
		{"homepage", m.Homepage}, {"license", m.License}, {"copyright", m.Copyright},
	} {
		if strings.TrimSpace(f.text) == "" {
			return &Error{f.field, "is missing"}
		}
		if problem := unprintable(f.text, f.field == "description"); problem != "" {
			return &Error{f.field, problem}
		}
	}
	for _, check := range []func() error{m.checkID, m.checkName, m.checkVersion, m.checkPeople, m.checkOpens} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// unprintable says what keeps text from standing in the files that are derived, "" if nothing does.
func unprintable(text string, lines bool) string {
	if !utf8.ValidString(text) {
		return "is not UTF-8"
	}
	for _, r := range text {
		if r == '\n' && lines {
			continue
		}
		if !unicode.IsPrint(r) {
			return fmt.Sprintf("has the character %U, which can't be printed", r)
		}
	}
	return ""
}

func (m Manifest) checkName() error {
	if i := strings.IndexAny(m.Name, `/\:*?"<>|`); i >= 0 {
		return &Error{"name", fmt.Sprintf("%q has a %q, which no file's name may have on Windows", m.Name, m.Name[i])}
	}
	if strings.Trim(m.Name, ". ") != m.Name {
		return &Error{"name", fmt.Sprintf("%q begins or ends with a dot or a space", m.Name)}
	}
	if len(m.Name) > longestName {
		return &Error{"name", fmt.Sprintf("has %d bytes, and files' names have room for %d", len(m.Name), longestName)}
	}
	if !executable.MatchString(m.Executable) {
		return &Error{"executable", fmt.Sprintf("%q is not two or more of a-z, 0-9 and -", m.Executable)}
	}
	if n := len(m.Executable); n > longestName {
		return &Error{"executable", fmt.Sprintf("has %d characters, and may have %d", n, longestName)}
	}
	for _, f := range []struct{ field, text string }{{"name", m.Name}, {"executable", m.Executable}} {
		if names.Device(f.text) {
			return &Error{f.field, fmt.Sprintf("%q is a device's name on Windows", f.text)}
		}
	}
	if n := utf8.RuneCountInString(m.Summary); n > longestSummary {
		return &Error{"summary", fmt.Sprintf("has %d characters, and lists show %d", n, longestSummary)}
	}
	if strings.HasSuffix(m.Summary, ".") {
		return &Error{"summary", "ends with a full stop, where packages' summaries have none"}
	}
	return nil
}

func (m Manifest) checkID() error {
	if problem := names.ID(m.ID); problem != "" {
		return &Error{"id", problem}
	}
	return nil
}

func (m Manifest) checkVersion() error {
	parts := version.FindStringSubmatch(m.Version)
	if parts == nil {
		return &Error{"version", fmt.Sprintf("%q is not like 1.2.0 or 1.2.0-rc.1", m.Version)}
	}
	for i, most := range versionLimits {
		if n, err := strconv.ParseUint(parts[i+1], 10, 64); err != nil || n > most {
			return &Error{"version", fmt.Sprintf("%s in %q is more than %d, the most that Windows takes there",
				parts[i+1], m.Version, most)}
		}
	}
	return nil
}

func (m Manifest) checkPeople() error {
	a, err := mail.ParseAddress(m.Maintainer)
	if err != nil || a.Name == "" {
		return &Error{"maintainer", fmt.Sprintf("%q is not like Ann Example <ann@example.com>", m.Maintainer)}
	}
	if u, err := url.Parse(m.Homepage); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return &Error{"homepage", fmt.Sprintf("%q is not like https://example.com", m.Homepage)}
	}
	if !license.MatchString(m.License) {
		return &Error{"license", fmt.Sprintf("%q is no SPDX expression, such as MIT", m.License)}
	}
	return nil
}

func (m Manifest) checkOpens() error {
	for i, c := range m.Categories {
		if !category.MatchString(c) {
			return &Error{fmt.Sprintf("categories[%d]", i), fmt.Sprintf("%q is no category, such as Utility", c)}
		}
	}
	if m.Scheme != "" {
		if !scheme.MatchString(m.Scheme) {
			return &Error{"scheme", fmt.Sprintf("%q is not a letter and then a-z, 0-9, + . or -", m.Scheme)}
		}
		if slices.Contains(taken, m.Scheme) {
			return &Error{"scheme", fmt.Sprintf("%q is taken", m.Scheme)}
		}
	}
	seen := map[string]bool{}
	for i, t := range m.FileTypes {
		at := fmt.Sprintf("fileTypes[%d]", i)
		if !mime.MatchString(t.MIME) {
			return &Error{at + ".mime", fmt.Sprintf("%q is not like application/vnd.example.ledger", t.MIME)}
		}
		if strings.TrimSpace(t.Name) == "" {
			return &Error{at + ".name", "is missing"}
		}
		if problem := unprintable(t.Name, false); problem != "" {
			return &Error{at + ".name", problem}
		}
		for j, e := range t.Extensions {
			at := fmt.Sprintf("%s.extensions[%d]", at, j)
			if !extension.MatchString(e) {
				return &Error{at, fmt.Sprintf("%q is not like txt", e)}
			}
			if seen[e] {
				return &Error{at, fmt.Sprintf("%q is there twice", e)}
			}
			seen[e] = true
		}
	}
	return nil
}
