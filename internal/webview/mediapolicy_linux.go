package webview

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"casement/internal/csp"
)

// policyWriter changes the Content-Security-Policies of a response, in its header and in a
// document's <meta> elements. Where they allow media from the window's origin, they then allow
// media from source as well, and nothing else.
type policyWriter struct {
	http.ResponseWriter
	source string // ends with a slash
	status int
	kept   *bytes.Buffer // a document until finish; nil for other content
}

// WriteHeader implements http.ResponseWriter.
func (w *policyWriter) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	header := w.Header()
	for _, name := range []string{"Content-Security-Policy", "Content-Security-Policy-Report-Only"} {
		for i, policy := range header[name] {
			header[name][i] = allowMedia(policy, w.source)
		}
	}
	if strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html") {
		w.kept = new(bytes.Buffer)
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *policyWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.kept != nil {
		return w.kept.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// finish writes the document, if there is one. It must be the last call.
func (w *policyWriter) finish() {
	w.WriteHeader(http.StatusOK)
	if w.kept == nil {
		return
	}
	document := w.kept.Bytes()
	if changed := allowMediaIn(document, w.source); len(changed) != len(document) {
		document = changed
		if w.Header().Get("Content-Length") != "" {
			w.Header().Set("Content-Length", strconv.Itoa(len(document)))
		}
	}
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(document)
}

// allowMediaIn returns the document with <meta> policies that allow the source.
func allowMediaIn(document []byte, source string) []byte {
	if !bytes.Contains(bytes.ToLower(document), []byte("content-security-policy")) {
		return document
	}
	var changed bytes.Buffer
	for z := html.NewTokenizer(bytes.NewReader(document)); ; {
		kind := z.Next()
		raw := bytes.Clone(z.Raw())
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			if token := z.Token(); token.Data == "meta" && allowMediaInMeta(&token, source) {
				raw = []byte(token.String())
			}
		}
		changed.Write(raw)
		if kind == html.ErrorToken {
			return changed.Bytes()
		}
	}
}

// allowMediaInMeta changes the policy of a <meta> element. It reports whether it did.
func allowMediaInMeta(token *html.Token, source string) bool {
	policy := -1
	var is bool
	for i, a := range token.Attr {
		switch {
		case a.Key == "content" && policy < 0:
			policy = i
		case a.Key == "http-equiv":
			is = strings.EqualFold(strings.TrimSpace(a.Val), "content-security-policy")
		}
	}
	if !is || policy < 0 {
		return false
	}
	before := token.Attr[policy].Val
	token.Attr[policy].Val = allowMedia(before, source)
	return token.Attr[policy].Val != before
}

// allowMedia adds a source to the media-src of each policy in a header value that allows media from
// the native origin.
func allowMedia(header, source string) string {
	return csp.Each(header, func(p csp.Policy) csp.Policy {
		governing, ok := p.Governing("media-src")
		added := mediaSources(governing.Sources, source)
		if !ok || len(added) == 0 {
			return p
		}
		sources := governing.Sources
		if governing.Name != "media-src" {
			sources = slices.DeleteFunc(slices.Clone(sources), func(source string) bool {
				// Other keywords don't concern media.
				return strings.HasPrefix(source, "'") && !strings.EqualFold(source, "'self'")
			})
		}
		return p.With(csp.Directive{Name: "media-src", Sources: slices.Concat(sources, added)})
	})
}

// mediaSources returns the sources to add to a list for each entry that allows the native origin or
// a part of it.
func mediaSources(list []string, source string) (added []string) {
	for _, entry := range list {
		lower := strings.ToLower(entry)
		switch {
		case lower == "'self'", lower == "app:", lower == nativeOrigin:
			return []string{source}
		case strings.HasPrefix(lower, nativeOrigin+"/"):
			added = append(added, source+entry[len(nativeOrigin)+1:])
		}
	}
	return added
}
