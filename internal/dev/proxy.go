package dev

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"casement/internal/assets"
)

const (
	reportPath = "/__casement/report"
	// maxReport bounds the size of a report, and of a policy.
	maxReport = 64 << 10
	// maxReports bounds the number of distinct reports that are printed.
	maxReports = 100
	// maxDocument bounds the size of the documents that are searched for inline scripts.
	maxDocument = 32 << 20
)

// A proxy stands between the app and the development server. It makes the webview report, without
// blocking, every request that the policy of the built app will refuse, and prints the reports. The
// program sends it the policy.
type proxy struct {
	url    string
	host   string
	say    func(format string, args ...any)
	server *http.Server
	done   chan struct{}

	mu       sync.Mutex
	policy   string // empty until the program has sent it
	reported map[string]bool
}

// startProxy starts a proxy on a free port of the loopback interface.
func startProxy(to string, say func(format string, args ...any)) (*proxy, error) {
	target, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		url: "http://" + l.Addr().String(), host: l.Addr().String(), say: say,
		done: make(chan struct{}), reported: map[string]bool{},
	}
	back := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// A compressed document cannot be searched.
		Transport:      &http.Transport{DisableCompression: true},
		ModifyResponse: p.watch,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "the development server does not answer", http.StatusBadGateway) // while it starts again
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT "+assets.DevPolicyPath, p.learn)
	mux.HandleFunc("POST "+reportPath, p.report)
	p.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect paths like //x.
		if r.URL.Path == assets.DevPolicyPath || r.URL.Path == reportPath {
			mux.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		back.ServeHTTP(w, r)
	})}
	go func() {
		defer close(p.done)
		if err := p.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			say("the proxy has ended: %v", err)
		}
	}()
	return p, nil
}

func (p *proxy) end() {
	_ = p.server.Close()
	<-p.done
}

// learn receives the policy.
func (p *proxy) learn(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	p.mu.Lock()
	p.policy = string(text)
	p.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// watch adds the report-only policy to documents.
func (p *proxy) watch(r *http.Response) error {
	p.mu.Lock()
	policy := p.policy
	p.mu.Unlock()
	if policy == "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.ContentLength > maxDocument {
		return nil
	}
	document, err := io.ReadAll(io.LimitReader(r.Body, maxDocument+1))
	if err != nil {
		return err
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(document), r.Body), r.Body}
	policy, err = p.reporting(policy, document)
	if err != nil {
		return err
	}
	r.Header.Add("Content-Security-Policy-Report-Only", policy)
	return nil
}

// reporting returns the report-only policy for a document. It allows what only a development server
// does: Vite adds its own scripts to a document, puts styles into elements, and sends changes over
// a WebSocket.
func (p *proxy) reporting(policy string, document []byte) (string, error) {
	policy, err := assets.AddCSP(policy, map[string][]string{
		"style-src-elem": {"'unsafe-inline'"},
		"connect-src":    {"ws://" + p.host},
	})
	if err == nil {
		policy, err = assets.AllowInline(policy, document)
	}
	all := strings.Split(policy, ",")
	for i, one := range all {
		all[i] = strings.TrimRight(one, "; \t") + "; report-uri " + reportPath
	}
	return strings.Join(all, ","), err
}

// report prints a violation that a document has reported.
func (p *proxy) report(w http.ResponseWriter, r *http.Request) {
	var report struct {
		CSP struct {
			Directive string `json:"effective-directive"`
			Violated  string `json:"violated-directive"`
			Blocked   string `json:"blocked-uri"`
			Document  string `json:"document-uri"`
			File      string `json:"source-file"`
			Line      int    `json:"line-number"`
		} `json:"csp-report"`
	}
	w.WriteHeader(http.StatusNoContent)
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxReport)).Decode(&report); err != nil {
		return
	}
	v := report.CSP
	if v.Directive == "" {
		v.Directive, _, _ = strings.Cut(v.Violated, " ")
	}
	where := v.File
	if where == "" {
		where = v.Document
	}
	where, _, _ = strings.Cut(strings.TrimPrefix(where, p.url), "?")
	if v.Line > 0 {
		where += ":" + strconv.Itoa(v.Line)
	}
	// A page can put anything into a report.
	text := strings.Trim(strconv.QuoteToGraphic(fmt.Sprintf("%s (%s) at %s", v.Blocked, v.Directive, where)), `"`)
	if p.first(text) {
		p.say("the built app will refuse %s: its Content-Security-Policy does not allow it; see shell.Options.CSPAdd", text)
	}
}

// first reports whether a report is new and within maxReports.
func (p *proxy) first(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reported[text] || len(p.reported) >= maxReports {
		return false
	}
	p.reported[text] = true
	return true
}
