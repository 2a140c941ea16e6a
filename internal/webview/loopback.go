package webview

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
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
	"time"
)

const (
	ticketName = "casement-token"
	userName   = "casement"
	// Ports that no system hands out for outgoing connections (Linux begins at 32768, the others at 49152) nor gives to
	// well-known services.
	firstPort, ports = 17000, 13000
	// portTries is how many ports are tried that follow from the ID before any free one is taken, at which pages' storage
	// is lost once.
	portTries = 4
)

// assetServer serves an app's own files to its own windows over loopback HTTP. Any program on the machine can connect, so
// every request has to bring a secret.
//
// The secret is the password of HTTP authentication. A browser sends it to this one host and port, where a cookie goes to
// every port of the host, and so to whatever server the window happens to show. Scripts can't read it. The web view gets it
// from a window's first URL, which also has a ticket: only a request with a valid one is asked for the password, so that
// nobody else's request can make the web view ask the user.
type assetServer struct {
	origin  string
	host    string
	secret  string
	handler http.Handler
	server  *http.Server
	done    chan struct{}

	mu      sync.Mutex
	tickets []string // of the open windows
}

// serve returns the server of a handler: windows with the same one share an origin.
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

// newAssetServer listens on the loopback address only. The nth server of an application always asks for the same port
// first, since a page's storage belongs to its origin.
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
		log.Warn("the application's own ports are taken: what its pages have stored is not found this time", "error", err)
		if l, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("serving the app's files: %w", err)
		}
	}
	s := &assetServer{
		host:    l.Addr().String(),
		handler: h,
		secret:  token(),
		done:    make(chan struct{}),
	}
	s.origin = "http://" + s.host
	s.server = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() {
		defer close(s.done)
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the app's files are no longer served", "error", err)
		}
	}()
	return s, nil
}

func (s *assetServer) close() {
	_ = s.server.Close()
	<-s.done
}

// token is 256 random bits.
func token() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// admit returns the first URL of a window that is to show path, and what to call when the window is gone.
func (s *assetServer) admit(path string) (first string, leave func()) {
	ticket := token()
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
	w.Header().Set("Cache-Control", "no-store") // of a refusal; the handler's answers say for themselves
	// A page elsewhere that has its own name resolve to 127.0.0.1 comes with that name as the host.
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
	// It would outlive this run, and answer before the next one does. A worker's scripts all come with this header.
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
	r.Header.Del("Authorization") // the app's handler may log or echo what it gets
	s.handler.ServeHTTP(w, r)
}

// embedded tells whether a document of another origin uses a file of the app's, as an image or in a frame. The web view
// sends the password with that, too. A document may lead to the app's own: that is how a login page comes back.
func embedded(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

// overridden tells whether a document of the app's own set an Authorization header itself, which replaces the web view's.
// Asked for the password, the web view sends it without asking the user.
func overridden(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" && r.Header.Get("Sec-Fetch-Site") == "same-origin"
}

// enter leads a window from its first URL, with the ticket and the password in it, to the one that it is to show.
func (s *assetServer) enter(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Query().Get("to")
	to, err := url.Parse(s.origin + path)
	if err != nil || !strings.HasPrefix(path, "/") {
		http.Error(w, "no path of the app's", http.StatusBadRequest)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", to.String()) // absolute: a relative one would keep the password
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

// dismiss returns a script for document start, which ends service workers that an older version of the app, or another
// program on its port, has left to the origin. One that answers for the app's files is stopped, and the window begins again.
func dismiss(origin, first string) string {
	quote := func(s string) string {
		text, _ := json.Marshal(s) // of a string: it has no error
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
