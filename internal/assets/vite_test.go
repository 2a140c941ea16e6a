package assets_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
)

// vite is a program that serves a folder with Vite's development server and its preview server,
// until standard input ends.
const vite = `import { createServer, preview } from 'vite';
const [root] = process.argv.slice(1);
const common = { configFile: false, logLevel: 'error' };
const dev = await createServer({ ...common, root, cacheDir: root + '/../cache', optimizeDeps: { noDiscovery: true },
	server: { host: '127.0.0.1', port: 0, hmr: false, watch: null } });
await dev.listen();
const built = await preview({ ...common, root: root + '/..', build: { outDir: root }, preview: { host: '127.0.0.1', port: 0 } });
const at = (server) => 'http://127.0.0.1:' + server.httpServer.address().port;
console.log(JSON.stringify({ dev: at(dev), preview: at(built) }));
process.stdin.on('end', () => process.exit()).resume();
`

// startVite starts both servers of Vite for a folder. It returns their URLs.
func startVite(t *testing.T, folder string) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "--input-type=module", "--eval", vite, folder)
	cmd.Dir = filepath.Join("..", "..", "frontend")
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("%v: is Vite installed? Run make frontend", err)
	}
	var servers map[string]string
	if err := json.Unmarshal(line, &servers); err != nil {
		t.Fatal(err)
	}
	return servers
}

// Each path must get the same file from the built app and from a real Vite.
func TestPathsResolveAsInVite(t *testing.T) {
	t.Parallel()
	const document, anything = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"
	files := fstest.MapFS{}
	for _, name := range []string{
		"index.html", "about.html", "docs/index.html", "docs/guide.txt", "both.html", "both/index.html", "v1.0.html",
		"img/logo.txt", "assets/_plugin-x.txt", "100%.txt", "with space é.html", "a+b.txt", "empty/x.txt",
	} {
		files[name] = &fstest.MapFile{Data: []byte("<!doctype html><!-- " + name + " -->")}
	}
	dir := filepath.Join(t.TempDir(), "dist")
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	servers := startVite(t, dir)
	own := httptest.NewServer(assets.Handler(os.DirFS(dir), assets.Options{}))
	t.Cleanup(own.Close)
	servers["own"] = own.URL

	name := regexp.MustCompile(`<!-- (.*) -->`)
	for _, c := range []struct{ path, accept, want, unlike string }{
		{"/", document, "index.html", ""},
		{"/index.html", document, "index.html", ""},
		{"/about", document, "about.html", ""},
		{"/about", anything, "about.html", ""},
		{"/about.html", document, "about.html", ""},
		{"/about?a=b", document, "about.html", ""},
		{"/about/", document, "index.html", ""},
		{"/docs/", document, "docs/index.html", ""},
		{"/docs/index.html", document, "docs/index.html", ""},
		{"/docs/index", document, "docs/index.html", ""},
		{"/docs/guide.txt", anything, "docs/guide.txt", ""},
		{"/docs/guide", document, "index.html", ""},
		{"/docs//index.html", document, "docs/index.html", ""},
		{"/both", document, "both.html", ""},
		{"/both/", document, "both/index.html", ""},
		{"/v1.0", document, "v1.0.html", ""},
		{"/v1.2", document, "index.html", ""},
		{"/user/john.doe", document, "index.html", ""},
		{"/user/john.doe/", document, "index.html", ""},
		{"/empty", document, "index.html", ""},
		{"/empty/", document, "index.html", ""},
		{"/missing.js", document, "index.html", ""},
		{"/missing.html", document, "index.html", ""},
		{"/assets/_plugin-x.txt?v=1", anything, "assets/_plugin-x.txt", ""},
		{"/img/logo.txt", anything, "img/logo.txt", ""},
		{"/with%20space%20%C3%A9", document, "with space é.html", ""},
		{"/with%20space%20%C3%A9.html", document, "with space é.html", ""},
		{"/100%25.txt", anything, "100%.txt", ""},
		{"/a+b.txt", anything, "a+b.txt", ""},
		{"/img/./logo.txt", anything, "img/logo.txt", ""},
		{"/docs/../img/logo.txt", anything, "img/logo.txt", ""},
		{"/docs/%2e%2e/img/logo.txt", anything, "img/logo.txt", ""},
		{"/../../../etc/passwd", document, "index.html", ""},
		{"/..%2f..%2f..%2fetc/passwd", document, "index.html", ""},
		{"/img/logo.txt%00", document, "index.html", ""},
		{"//about", document, "about.html", ""},
		{"//about.html", document, "about.html", ""},
		{"/caf%e9.txt", anything, "404", ""},

		// Tools that build a folder per page have their own development server, which needs no
		// slash.
		{"/docs", document, "docs/index.html", "dev preview"},
		// In some places, Vite's development server takes the first segment after // for a host.
		{"//img/logo.txt", anything, "img/logo.txt", "dev"},
		// Vite doesn't always decode an escaped character.
		{"/img%2Flogo.txt", anything, "img/logo.txt", "dev preview"},
		{"/a%2Bb.txt", anything, "a+b.txt", "dev preview"},
		// Go's server answers a path that can't be unescaped with 400.
		{"/100%.txt", anything, "400", "dev preview"},
		// Vite answers even requests for scripts with index.html. The script then fails to parse.
		{"/missing.js", anything, "404", "dev preview"},
		{"/route", anything, "404", "dev preview"},
	} {
		for server, url := range servers {
			got := ask(t, url, c.path, c.accept)
			if found := name.FindStringSubmatch(got); found != nil {
				got = found[1]
			}
			if like := got == c.want; like == slices.Contains(strings.Fields(c.unlike), server) {
				t.Errorf("%s of %s gives %q, want %q, unlike %q", c.path, server, got, c.want, c.unlike)
			}
		}
	}
}

// ask requests a path exactly as given and follows redirections. It returns the body, or the status
// if it is not 200.
func ask(t *testing.T, server, path, accept string) string {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\nConnection: close\r\n\r\n", path, accept)
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	switch answer.StatusCode {
	case http.StatusOK:
		return string(body)
	case http.StatusFound:
		return ask(t, server, answer.Header.Get("Location"), accept)
	}
	return fmt.Sprint(answer.StatusCode)
}
