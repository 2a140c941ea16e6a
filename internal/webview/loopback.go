package webview

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

const (
	ticketName = "casement-token"
	userName   = "casement"
	// No system uses these ports for outgoing connections (Linux starts at 32768, the others at
	// 49152) or well-known services.
	firstPort, ports = 17000, 13000
	// portTries is the number of ports derived from the ID that are tried before any free one is
	// used. On that one, pages don't find their stored data.
	portTries = 4
)

// assetServer serves an app's own files to its own windows over loopback HTTP. Every request must
// have a secret.
//
// The secret is the password of HTTP authentication. A browser sends a password to one host and
// port only. It sends a cookie to every port of the host, so to any server that the window happens
// to show. Scripts can't read the password. The web view gets it from a window's first URL, which
// also has a ticket: the server asks only requests with a valid ticket for the password, so that no
// other request can make the web view prompt the user.
type assetServer struct {
	origin  string
	host    string
	secret  string
	handler http.Handler
	server  *server

	mu      sync.Mutex
	tickets []string // of the open windows
}

// serve returns the server of a handler. Windows with the same handler share an origin.
func (p *portable) serve(h http.Handler) (*assetServer, error) {
	for _, s := range p.servers {
		if sameHandler(s.handler, h) {
			return s, nil
		}
	}
	s, err := newAssetServer(p.loop.ctx, p.loop.log, p.loop.opts.ID, len(p.servers), h)
	if err != nil {
		return nil, err
	}
	p.servers = append(p.servers, s)
	return s, nil
}

func sameHandler(a, b http.Handler) bool {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	if va.Type() != vb.Type() {
		return false
	}
	if va.Comparable() && vb.Comparable() {
		return a == b
	}
	return false
}

// newAssetServer starts the nth server of an application, on the loopback address only. It always
// tries the same ports first, because the storage of a page belongs to its origin.
func newAssetServer(ctx context.Context, log *slog.Logger, id string, n int, h http.Handler) (*assetServer, error) {
	sum := fnv.New32a()
	sum.Write([]byte(id + "\x00" + strconv.Itoa(n)))
	var l net.Listener
	var err error
	for try := range uint32(portTries) {
		port := firstPort + (sum.Sum32()+try)%ports
		if l, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			break
		}
	}
	if err != nil {
		log.Warn("the application's ports are in use: its pages don't find their stored data this time", "error", err)
		if l, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("serving the app's files: %w", err)
		}
	}
	s := &assetServer{
		host:    l.Addr().String(),
		handler: h,
		secret:  newSecret(),
	}
	s.origin = "http://" + s.host
	s.server = startServer(ctx, log, l, s, "the server of the app's files has failed")
	return s, nil
}

// admit returns the first URL of a window that shows path. leave must be called after the window
// has closed.
func (s *assetServer) admit(path string) (first string, leave func()) {
	ticket := newSecret()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets = append(s.tickets, ticket)
	u := url.URL{
		Scheme: "http", User: url.UserPassword(userName, s.secret), Host: s.host, Path: "/",
		RawQuery: url.Values{ticketName: {ticket}, "to": {path}}.Encode(),
	}
	return u.String(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, t := range s.tickets {
			if t == ticket {
				s.tickets = append(s.tickets[:i], s.tickets[i+1:]...)
				return
			}
		}
	}
}

func (s *assetServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store") // for refusals; the handler sets its own
	// DNS rebinding: the host is a foreign name that resolves to 127.0.0.1.
	if r.Host != s.host {
		http.Error(w, "wrong host", http.StatusForbidden)
		return
	}
	if o, ok := r.Header["Origin"]; ok && (len(o) != 1 || o[0] != s.origin) {
		http.Error(w, "wrong origin", http.StatusForbidden)
		return
	}
	if embedded(r) {
		http.Error(w, "only for documents of the same origin", http.StatusForbidden)
		return
	}
	// A service worker would outlive this run and answer for the next one. Requests for its scripts
	// have this header.
	if r.Header.Get("Service-Worker") != "" {
		http.Error(w, "the app has no service workers", http.StatusForbidden)
		return
	}
	enters := r.Method == http.MethodGet && r.URL.Path == "/" && s.valid(r.URL.Query().Get(ticketName))
	if !s.admitted(r) {
		if enters || overridden(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="the app's own windows"`)
			http.Error(w, "the web view did not send the credentials of its first URL", http.StatusUnauthorized)
			return
		}
		http.Error(w, "not one of the app's windows", http.StatusForbidden)
		return
	}
	if enters {
		s.enter(w, r)
		return
	}
	r = r.Clone(r.Context())
	w.Header().Del("Cache-Control")
	r.Header.Del("Authorization") // the app's handler may log or echo the headers
	s.handler.ServeHTTP(w, r)
}

// embedded reports whether a document of another origin embeds a file of the app, as an image or in
// a frame. The web view sends the password then, too. Navigating to the app is allowed: a login
// page returns that way.
func embedded(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

// overridden reports whether a document of the app has set an Authorization header, which replaces
// the web view's. If the server then asks for the password, the web view sends it without a prompt.
func overridden(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" && r.Header.Get("Sec-Fetch-Site") == "same-origin"
}

// enter redirects a window from its first URL, which has the ticket and the password, to the path
// that it shows.
func (s *assetServer) enter(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Query().Get("to")
	to, err := url.Parse(s.origin + path)
	if err != nil || !strings.HasPrefix(path, "/") {
		http.Error(w, "not a path of the app", http.StatusBadRequest)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", to.String()) // a relative URL would keep the password
	w.WriteHeader(http.StatusSeeOther)
}

func (s *assetServer) valid(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := 0
	for _, t := range s.tickets {
		found |= subtle.ConstantTimeCompare([]byte(t), []byte(ticket))
	}
	return found == 1
}

func (s *assetServer) admitted(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	return ok && user == userName && subtle.ConstantTimeCompare([]byte(password), []byte(s.secret)) == 1
}

// dismiss returns a script for document start. It unregisters service workers that an older version
// of the app, or another program on its port, has left at the origin. If one of them has answered
// for this document, the script loads the first URL again.
func dismiss(origin, first string) string {
	quote := func(s string) string {
		text, _ := json.Marshal(s) // never fails for a string
		return string(text)
	}
	return `(async (origin, first) => {
	const workers = navigator.serviceWorker;
	if (top !== self || location.origin !== origin || !workers) return;
	const controlled = workers.controller;
	if (controlled) stop();
	const ended = await Promise.all((await workers.getRegistrations()).map((r) => r.unregister()));
	if (controlled && ended.length && ended.every(Boolean)) location.replace(first);
})(` + quote(origin) + `, ` + quote(first) + `).catch(() => {})`
}
