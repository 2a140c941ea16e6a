// Package manifest reads casement.json, the file that describes an application: its name, its
// publisher, and the files and URLs that it opens. The program embeds the file for its id and name;
// casement dist builds installers from it. Desktop entries, version resources and installer scripts
// are derived from it.
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

// File is the name of the file. It lies beside the program's main package.
const File = "casement.json"

// A Manifest describes an application. Parse has validated its fields.
type Manifest struct {
	// Name is the application's name for users, such as "Hasher".
	Name string `json:"name"`
	// ID identifies the application to the system: three or more parts of a reversed domain name,
	// such as "com.example.hasher". Each part consists of letters, digits and hyphens and begins
	// with a letter. No part may be the name of a Windows device, such as con or com1.
	ID string `json:"id"`
	// Executable is the file name of the program and of its packages: lower-case letters, digits
	// and hyphens. Empty means the last part of ID.
	Executable string `json:"executable,omitempty"`
	// Version has three numbers and optionally a pre-release suffix, such as 1.2.0 or 1.2.0-rc.1.
	Version string `json:"version"`
	// Summary is the purpose of the application in one line of at most 79 characters, without a
	// full stop.
	Summary string `json:"summary"`
	// Description is a longer text. Empty lines separate paragraphs.
	Description string `json:"description"`
	// Publisher is the person or organization that publishes the application.
	Publisher string `json:"publisher"`
	// Maintainer is the contact for its packages: a name and an address, such as "Ann Example
	// <ann@example.com>".
	Maintainer string `json:"maintainer"`
	// Homepage is the URL of the application's website.
	Homepage string `json:"homepage"`
	// License is an SPDX expression, such as "MIT".
	License string `json:"license"`
	// Copyright is the copyright notice, such as "2026 Ann Example". Empty means Publisher.
	Copyright string `json:"copyright,omitempty"`
	// Categories are the freedesktop.org categories that sort desktop menus. None means Utility.
	Categories []string `json:"categories,omitempty"`
	// Scheme is the scheme of the URLs that the application opens, such as "hasher" for hasher:….
	// It is optional.
	Scheme string `json:"scheme,omitempty"`
	// FileTypes are the types of files that the application opens.
	FileTypes []FileType `json:"fileTypes,omitempty"`
	// Types are the TypeScript types of Go types of other modules, by import path and name, such as
	// "example.com/money.Amount".
	Types map[string]TypeScript `json:"types,omitempty"`
}

// A FileType is a type of file that an application opens.
type FileType struct {
	// MIME is the type's name, such as "application/vnd.example.ledger".
	MIME string `json:"mime"`
	// Name is the type's name for users.
	Name string `json:"name"`
	// Extensions are in lower case, without the dot. A type without extensions is one that the
	// system already knows.
	Extensions []string `json:"extensions,omitempty"`
}

// An Error names a field and its problem.
type Error struct{ Field, Problem string }

// Error returns a single line.
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

// taken lists schemes that belong to the system or to every browser.
var taken = []string{
	"about", "app", "blob", "chrome", "data", "file", "ftp", "http", "https", "javascript", "mailto", "ssh", "tel", "ws", "wss",
}

// longestName leaves room for a version, a platform and an extension in a file name of at most 255
// bytes.
const longestName = 100

// longestSummary is the width that Debian's package lists allow for a summary.
const longestSummary = 79

// Windows installers store a version in one, one and two bytes.
var versionLimits = []uint64{255, 255, 65535}

// Parse decodes and validates a manifest. Errors about a field have the type *Error; an unknown
// field is an error too.
func Parse(data []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, explain(err, data)
	}
	if _, err := d.Token(); err != io.EOF {
		return m, fmt.Errorf("%s: unexpected data after the object", File)
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

// explain adds the field or the line to an error of the decoder.
func explain(err error, data []byte) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		want := "a string"
		switch kind.Type.Kind() {
		case reflect.Slice:
			want = "a list"
		case reflect.Struct:
			want = "an object"
		}
		return &Error{kind.Field, fmt.Sprintf("has the type %s and must be %s", kind.Value, want)}
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("%s:%d: %w", File, line, syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: unexpected end of file", File)
	}
	return fmt.Errorf("%s: %s", File, strings.TrimPrefix(err.Error(), "json: "))
}

// Must returns the manifest, or panics if err is not nil. It suits embedded manifests, which don't
// change after the build.
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
	return checkTypes(m.Types)
}

// unprintable returns the reason why text cannot appear in the derived files, or "".
func unprintable(text string, lines bool) string {
	if !utf8.ValidString(text) {
		return "is not UTF-8"
	}
	for _, r := range text {
		if r == '\n' && lines {
			continue
		}
		if !unicode.IsPrint(r) {
			return fmt.Sprintf("contains the unprintable character %U", r)
		}
	}
	return ""
}

func (m Manifest) checkName() error {
	if i := strings.IndexAny(m.Name, `/\:*?"<>|`); i >= 0 {
		return &Error{"name", fmt.Sprintf("%q contains %q, which Windows does not allow in file names", m.Name, m.Name[i])}
	}
	if strings.Trim(m.Name, ". ") != m.Name {
		return &Error{"name", fmt.Sprintf("%q begins or ends with a dot or a space", m.Name)}
	}
	if len(m.Name) > longestName {
		return &Error{"name", fmt.Sprintf("has %d bytes; the limit is %d", len(m.Name), longestName)}
	}
	if !executable.MatchString(m.Executable) {
		return &Error{"executable", fmt.Sprintf("%q must be two or more of a-z, 0-9 and -", m.Executable)}
	}
	if n := len(m.Executable); n > longestName {
		return &Error{"executable", fmt.Sprintf("has %d characters; the limit is %d", n, longestName)}
	}
	for _, f := range []struct{ field, text string }{{"name", m.Name}, {"executable", m.Executable}} {
		if names.Device(f.text) {
			return &Error{f.field, fmt.Sprintf("%q is a device's name on Windows", f.text)}
		}
	}
	if n := utf8.RuneCountInString(m.Summary); n > longestSummary {
		return &Error{"summary", fmt.Sprintf("has %d characters; the limit is %d", n, longestSummary)}
	}
	if strings.HasSuffix(m.Summary, ".") {
		return &Error{"summary", "ends with a full stop; remove it"}
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
			return &Error{"version", fmt.Sprintf("%s in %q is more than %d, the limit on Windows",
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
		return &Error{"license", fmt.Sprintf("%q is not an SPDX expression such as MIT", m.License)}
	}
	return nil
}

func (m Manifest) checkOpens() error {
	for i, c := range m.Categories {
		if !category.MatchString(c) {
			return &Error{fmt.Sprintf("categories[%d]", i), fmt.Sprintf("%q is not a category such as Utility", c)}
		}
	}
	if m.Scheme != "" {
		if !scheme.MatchString(m.Scheme) {
			return &Error{"scheme", fmt.Sprintf("%q must be a letter followed by a-z, 0-9, +, . or -", m.Scheme)}
		}
		if slices.Contains(taken, m.Scheme) {
			return &Error{"scheme", fmt.Sprintf("%q is reserved for the system or browsers", m.Scheme)}
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
				return &Error{at, fmt.Sprintf("%q is listed twice", e)}
			}
			seen[e] = true
		}
	}
	return nil
}
