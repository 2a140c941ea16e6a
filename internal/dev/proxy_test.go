//go:build unix

package dev

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/websocket"

	"casement/internal/assets"
)

func request(t *testing.T, method, url, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip, br")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func TestTheProxyHasViolationsReported(t *testing.T) {
	t.Parallel()
	const document = `<script type="module">import { injectIntoGlobalHook } from "/@react-refresh"</script>` // added by Vite
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/socket":
			websocket.Handler(func(c *websocket.Conn) { _, _ = io.Copy(c, c) }).ServeHTTP(w, r)
		case r.Header.Get("Accept-Encoding") != "":
			http.Error(w, "this would be compressed", http.StatusTeapot)
		case r.URL.Path == "/document":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, document)
		default:
			_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.RequestURI(), r.Host)
		}
	}))
	t.Cleanup(server.Close)
	var said page
	p, err := startProxy(server.URL, func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	const header = "Content-Security-Policy-Report-Only"

	if r, got := request(t, "POST", p.url+"//a%2Fb?c", "x"); got != "POST //a%2Fb?c "+strings.TrimPrefix(server.URL, "http://") || r.Header.Get(header) != "" {
		t.Errorf("a response that is no document: %q %v", got, r.Header)
	}
	if r, got := request(t, "GET", p.url+"/document", ""); got != document || r.Header.Get(header) != "" {
		t.Errorf("a document without a policy: %q %v", got, r.Header)
	}
	if r, _ := request(t, "PUT", p.url+assets.DevPolicyPath, assets.DefaultCSP); r.StatusCode != 204 {
		t.Fatal(r.Status)
	}
	r, got := request(t, "GET", p.url+"/document", "")
	policy := r.Header.Get(header)
	for _, want := range []string{
		"script-src 'self' 'wasm-unsafe-eval' 'sha256-", "style-src-elem 'self' 'unsafe-inline'", "; report-uri /__casement/report",
		"connect-src 'self' data: blob: ws://" + strings.TrimPrefix(p.url, "http://") + ";",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %q", policy, want)
		}
	}
	if got != document || r.Header.Get("Content-Security-Policy") != "" {
		t.Errorf("the document is changed or blocked: %q %v", got, r.Header)
	}

	report := fmt.Sprintf(`{"csp-report": {"document-uri": %q, "effective-directive": "connect-src", "violated-directive": "connect-src",
		"blocked-uri": "https://api.example.com", "source-file": %q, "line-number": 12, "column-number": 3}}`, p.url+"/", p.url+"/src/main.ts?t=1")
	for range 3 {
		request(t, "POST", p.url+reportPath, report)
		request(t, "POST", p.url+reportPath, "{")
		request(t, "POST", p.url+reportPath, `{"csp-report": {"violated-directive": "script-src-elem 'self'", "blocked-uri": "in\nline", "document-uri": "`+p.url+`/about"}}`)
	}
	want := "the built app will refuse https://api.example.com (connect-src) at /src/main.ts:12: its Content-Security-Policy does not allow it; see shell.Options.CSPAdd\n" +
		"the built app will refuse in\\nline (script-src-elem) at /about: its Content-Security-Policy does not allow it; see shell.Options.CSPAdd\n"
	if said.String() != want {
		t.Errorf("output\n%swant\n%s", &said, want)
	}
	for i := range 200 {
		request(t, "POST", p.url+reportPath, strings.Replace(report, "\"line-number\": 12", fmt.Sprintf("\"line-number\": %d", 100+i), 1))
	}
	if n := strings.Count(said.String(), "\n"); n != maxReports {
		t.Errorf("%d lines", n)
	}

	socket, err := websocket.Dial(strings.Replace(p.url, "http", "ws", 1)+"/socket", "", p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	var back string
	if err := websocket.Message.Send(socket, "hot"); err != nil {
		t.Fatal(err)
	}
	if err := websocket.Message.Receive(socket, &back); err != nil || back != "hot" {
		t.Errorf("through the WebSocket: %q, %v", back, err)
	}
}
