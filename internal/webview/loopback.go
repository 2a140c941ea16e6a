package webview

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
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
	ticketName   = "casement-token"
	cookiePrefix = "casement-" // and the port
	// Ports that no system hands out for outgoing connections (Linux begins at 32768, the others at 49152) nor gives to
	// well-known services.
	firstPort, ports = 17000, 13000
	// portTries is how many ports are tried that follow from the ID before any free one is taken, at which pages' storage
	// is lost once.
	portTries = 4
)

// assetServer serves an app's own files to its own windows over loopback HTTP. Any program on the machine can connect, so
// each window is let in by a ticket in its first URL, which is exchanged for a cookie that scripts can't read.
type assetServer struct {
	origin  string
	host    string
	cookie  string
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
	_, port, _ := net.SplitHostPort(s.host)
	s.cookie = cookiePrefix + port
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
	q := url.Values{ticketName: {ticket}, "to": {path}}
	return s.origin + "/?" + q.Encode(), func() {
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
	// A page elsewhere that has its own name resolve to 127.0.0.1 comes with that name as the host.
	if r.Host != s.host {
		http.Error(w, "wrong host", http.StatusForbidden)
		return
	}
	if o, ok := r.Header["Origin"]; ok && (len(o) != 1 || o[0] != s.origin) {
		http.Error(w, "wrong origin", http.StatusForbidden)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == "/" && r.URL.Query().Has(ticketName) {
		s.exchange(w, r)
		return
	}
	if !s.admitted(r) {
		http.Error(w, "not one of the app's windows", http.StatusForbidden)
		return
	}
	s.handler.ServeHTTP(w, withoutSecrets(r))
}

// exchange takes a ticket and gives the cookie.
func (s *assetServer) exchange(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	to, err := url.Parse(q.Get("to"))
	if !s.valid(q.Get(ticketName)) || err != nil || to.Scheme != "" || to.Host != "" || !strings.HasPrefix(to.Path, "/") {
		http.Error(w, "not one of the app's windows", http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie, Value: s.secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", to.String()) // with its fragment
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
	for _, c := range r.CookiesNamed(s.cookie) {
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.secret)) == 1 {
			return true
		}
	}
	return false
}

// withoutSecrets keeps cookies like ours from the app's handler, which may log or echo what it gets. The browser sends those
// of other such servers as well: cookies know no ports.
func withoutSecrets(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	cookies := r.Cookies()
	r.Header.Del("Cookie")
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, cookiePrefix) {
			r.AddCookie(c)
		}
	}
	return r
}
