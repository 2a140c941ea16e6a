package fileurl

import "testing"

func TestFileURLs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, unix, windows string }{ // an empty path stands for an error
		{"file:///a/b", "/a/b", `\a\b`},
		{"file:/a/b", "/a/b", `\a\b`},
		{"FILE:///a", "/a", `\a`},
		{"file://localhost/a", "/a", `\a`},
		{"file://LocalHost/a", "/a", `\a`},
		{"file://desk/a", "/a", `\a`},
		{"file:///a%20b/%E6%97%A5", "/a b/日", `\a b\日`},
		{"file:///100%25.txt", "/100%.txt", `\100%.txt`},
		{"file:///a%23b%3Fc", "/a#b?c", `\a#b?c`},
		{"file:///C:/a b.txt", "/C:/a b.txt", `C:\a b.txt`},
		{"file:///c%3A/a", "/c:/a", `c:\a`},
		{"file:///C|/a", "/C|/a", `C:\a`},
		{"file:///C:", "/C:", `C:`},
		{`file:///C:\a`, `/C:\a`, `C:\a`},
		{"file://C:/a", "", `C:\a`},
		{"file://otherhost/x", "", `\\otherhost\x`},
		{"file:////server/share/x", "//server/share/x", `\\server\share\x`},
		{"file://user@localhost/a", "", ""},
		{"file://user@server/a", "", ""},
		{"file://server:80/a", "", ""},
		{"http://localhost/a", "", ""},
		{"/a", "", ""},
		{"file:", "", ""},
		{"file://", "", ""},
		{"file:relative", "", ""},
		{"file:../a", "", ""},
		{"file://localhost", "", ""},
		{"file:///a%zz", "", ""},
		{"file:///a%00b", "", ""},
		{"file:///a%2Fb", "", ""},
		{"file:///a%5Cb", `/a\b`, ""},
		{"file:///a?b", "", ""},
		{"file:///a#b", "", ""},
		{"file:///a\nb", "", ""},
	} {
		for windows, want := range map[bool]string{false: c.unix, true: c.windows} {
			path, err := pathOf(c.url, "desk", windows)
			if path != want || (err == nil) != (want != "") {
				t.Errorf("%q, on Windows %v: %q, %v, want %q", c.url, windows, path, err, want)
			}
		}
	}
}
