package shell_test

import (
	"testing"

	"casement/internal/apptest"
	"casement/shell"
)

// A body that is larger as base64 than a message may be gets to Go only ahead of its call.
func TestLargeBodiesGoAhead(t *testing.T) {
	t.Parallel()
	const send = `const data = new Uint8Array(SIZE).map((_, i) => i * 31 + (i >> 8));
		try {
			const back = new Uint8Array(await __ipc.invoke('echo_bytes', data));
			return back.length === data.length && back.every((octet, i) => octet === data[i]);
		} catch (error) { return error.code; }`
	for _, c := range []struct{ name, csp, size, want string }{
		{"small", "", "1000", "true"},
		{"large", "", "0x70000", "true"},
		{"too large for base64", "", "0xf0000", "true"},
		{"too large", "", "0x100001", `"too_large"`},
		{"forbidden", "default-src 'self'; connect-src 'none'", "0x70000", "true"},
		{"forbidden, too large for base64", "default-src 'self'; connect-src 'none'", "0xf0000", `"too_large"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			apptest.EachPath(t, func(t *testing.T, portable bool) {
				a := apptest.Start(t, apptest.Config{
					Portable: portable,
					Options:  shell.Options{MaxMessage: 1 << 20, CSP: c.csp},
					Setup:    register,
				})
				if got := a.JS(a.Window, "const SIZE = "+c.size+";"+send); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		})
	}
}
