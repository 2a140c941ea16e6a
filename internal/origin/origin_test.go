package origin_test

import (
	"errors"
	"strings"
	"testing"

	"casement/internal/origin"
)

func TestOriginsMatchBrowsers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]origin.Origin{
		"http://localhost":              "http://localhost",
		"http://localhost/":             "http://localhost",
		"http://localhost:80":           "http://localhost",
		"http://localhost:":             "http://localhost",
		"http://localhost:443":          "http://localhost:443",
		"https://localhost:443/":        "https://localhost",
		"HTTP://Localhost:5173":         "http://localhost:5173",
		"http://localhost:05173":        "http://localhost:5173",
		"https://login.example.com":     "https://login.example.com",
		"https://example.com.":          "https://example.com.",
		"https://a_b.example":           "https://a_b.example",
		"https://r3---sn.example":       "https://r3---sn.example",
		"https://BÜCHER.example":        "https://xn--bcher-kva.example",
		"https://straße.example":        "https://xn--strae-oqa.example",
		"https://日本。jp":                 "https://xn--wgv71a.jp",
		"https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
		"http://127.0.0.1:8080":         "http://127.0.0.1:8080",
		"http://[::1]:8080":             "http://[::1]:8080",
		"http://[0:0:0:0:0:0:0:1]":      "http://[::1]",
		"http://[::ffff:127.0.0.1]":     "http://[::ffff:7f00:1]",
		"http://[2001:DB8::A]":          "http://[2001:db8::a]",
	} {
		if got, err := origin.Parse(text); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestInvalidOriginsAreErrorsWithAReason(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"":                          "absolute",
		"/":                         "absolute",
		"localhost":                 "absolute",
		"localhost:5173":            "absolute",
		"//localhost":               "absolute",
		"http:localhost":            "absolute",
		"http://":                   "absolute",
		"http://:80":                "host",
		"app://localhost":           "absolute",
		"file:///etc/passwd":        "absolute",
		"javascript:1":              "absolute",
		"null":                      "absolute",
		"*":                         "absolute",
		"https://*.example.com":     "patterns",
		"http://localhost/app":      `"http://localhost"`,
		"http://localhost:80/app/":  `"http://localhost"`,
		"http://localhost?x":        "query",
		"http://localhost/?":        "query",
		"http://localhost/#":        "fragment",
		"http://user@localhost":     "user",
		"http://user:pw@localhost":  "user",
		"http://localhost:65536":    "65536",
		"http://localhost:x":        "port",
		"http://127.1":              "IPv4",
		"http://0x7f000001":         "IPv4",
		"http://2130706433":         "IPv4",
		"http://127.0.0.01":         "IPv4",
		"http://a.b.c.1":            "IPv4",
		"http://[::1":               "]",
		"http://[fe80::1%25eth0]":   "IPv6",
		"http://a b":                "host",
		"http://a%41":               "escape",
		"http://a\tb":               "control",
		" http://localhost":         "",
		"http://local\u00adhost\\x": "",
		"%":                         "escape",
	} {
		got, err := origin.Parse(text)
		if err == nil {
			t.Errorf("%q is accepted as %q", text, got)
		} else if !strings.Contains(err.Error(), why) {
			t.Errorf("%q: error %q, want %q in it", text, err, why)
		} else if strings.Contains(err.Error(), "pw") {
			t.Errorf("the error %q contains a password", err)
		}
	}
}

func TestAnOriginHasItsDocumentsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		origin origin.Origin
		url    string
		want   bool
	}{
		{"http://localhost", "http://localhost", true},
		{"http://localhost", "http://localhost/", true},
		{"http://localhost", "http://LOCALHOST:80/x", true},
		{"http://localhost", "http://localhost:5173/", false},
		{"http://localhost", "http://localhost.example/", false},
		{"http://localhost", "http://localhost@example.com/", false},
		{"http://localhost", "https://localhost/", false},
		{"app://localhost", "app://localhost", true},
		{"app://localhost", "app://localhost#x", true},
		{"app://localhost", "app://localhost?x", true},
		{"app://localhost", "app://localhost/x", true},
		{"app://localhost", "app://localhosts/x", false},
		{"app://localhost", "app://elsewhere/x", false},
		{"app://localhost", "data:text/html,app://localhost/", false},
		{"app://localhost", "", false},
	} {
		if got := c.origin.Has(c.url); got != c.want {
			t.Errorf("%s has %q: %v", c.origin, c.url, got)
		}
	}
}

func TestAPathIsResolvedAtTheRoot(t *testing.T) {
	t.Parallel()
	for reference, want := range map[string]string{
		"":                "/",
		"/":               "/",
		"settings.html":   "/settings.html",
		" settings.html":  "/settings.html",
		"./a/b.html":      "/./a/b.html",
		"#x":              "/#x",
		"?x=1":            "/?x=1",
		"/#/settings":     "/#/settings",
		"/a?b=c://d#e?f":  "/a?b=c://d#e?f",
		"a/b:c":           "/a/b:c",
		"/x:y":            "/x:y",
		":x":              "/:x",
		"1:x":             "/1:x",
		"/a//b":           "/a//b",
		"/user/日本?q=ü#é":  "/user/日本?q=ü#é",
		"?next=//a.b/c:d": "/?next=//a.b/c:d",
	} {
		if got, err := origin.Path(reference); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", reference, got, err, want)
		}
	}
	for _, reference := range []string{
		"//evil.example", `\\evil.example`, `/\evil.example`, `\/evil.example`, " //evil.example", "https://evil.example",
		"HTTPS://evil.example", "javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "app://localhost/x",
		"localhost:5173", "a:b", "x-y+1.z:", "mailto:a@b",
	} {
		if got, err := origin.Path(reference); !errors.Is(err, origin.ErrOutside) {
			t.Errorf("%q: %q, %v", reference, got, err)
		}
	}
	for _, reference := range []string{"java\tscript:alert(1)", "/\t/evil.example", "/\n/evil.example", "\x00", "/a\x7f", "/100%.txt", "/%zz"} {
		if got, err := origin.Path(reference); err == nil || errors.Is(err, origin.ErrOutside) {
			t.Errorf("%q: %q, %v", reference, got, err)
		}
	}
}
