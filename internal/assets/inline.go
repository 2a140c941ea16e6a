package assets

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html"

	"casement/internal/csp"
)

// AllowInline returns a policy that also allows the inline scripts of an HTML document, by their
// hashes. It changes the policy only where that allows scripts of the app's origin and does not
// allow inline scripts in another way. It does not allow scripts that are added to the document
// later, event handlers in attributes, and javascript: URLs.
func AllowInline(header string, document []byte) (string, error) {
	hashes, err := inlineHashes(document)
	if err != nil {
		return header, err
	}
	return csp.Each(header, func(p csp.Policy) csp.Policy { return allowInline(p, hashes) }), nil
}

// inlineHashes returns the sources, such as 'sha256-…', of the inline scripts in an HTML document.
// It hashes the text that a browser's parser finds, which differs from the file: newlines are
// normalized, and scripts in SVG may have character references. It includes scripts in templates,
// which run when they are cloned.
func inlineHashes(document []byte) ([]string, error) {
	root, err := html.Parse(strings.NewReader(decode(document)))
	if err != nil {
		return nil, fmt.Errorf("finding inline scripts: %w", err)
	}
	var hashes []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "script" || !runs(n) {
			continue
		}
		sum := sha256.New()
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode {
				_, _ = io.WriteString(sum, c.Data)
			}
		}
		hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + "'"
		if !slices.Contains(hashes, hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes, nil
}

// scriptTypes are the types of inline scripts that a browser runs: JavaScript's MIME types, and
// three keywords.
var scriptTypes = []string{
	"module", "importmap", "speculationrules",
	"application/ecmascript", "application/javascript", "application/x-ecmascript", "application/x-javascript",
	"text/ecmascript", "text/javascript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2",
	"text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/jscript", "text/livescript",
	"text/x-ecmascript", "text/x-javascript",
}

// runs reports whether a script element has an inline script that runs: no URL, and no data type.
func runs(n *html.Node) bool {
	kind, language := "", ""
	typed := false
	for _, a := range n.Attr {
		switch a.Key {
		case "src":
			if n.Namespace == "" {
				return false
			}
		case "href": // also xlink:href: the parser makes the prefix a namespace
			if n.Namespace == "svg" {
				return false
			}
		case "type":
			kind, typed = a.Val, true
		case "language":
			language = a.Val
		}
	}
	if !typed && language != "" {
		kind = "text/" + language
	}
	return kind == "" || slices.Contains(scriptTypes, strings.ToLower(strings.Trim(kind, " \t\n\f\r")))
}

// decode decodes a document as a browser decodes one that is served as UTF-8: only a byte order
// mark changes the encoding.
func decode(document []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(document, []byte("\xef\xbb\xbf")):
		document = document[3:]
	case bytes.HasPrefix(document, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(document, []byte("\xfe\xff")):
		order = binary.BigEndian
	}
	if order == nil {
		return string([]rune(string(document))) // each invalid byte becomes U+FFFD
	}
	units := make([]uint16, 0, len(document)/2)
	for document = document[2:]; len(document) >= 2; document = document[2:] {
		units = append(units, order.Uint16(document))
	}
	return string(utf16.Decode(units))
}
