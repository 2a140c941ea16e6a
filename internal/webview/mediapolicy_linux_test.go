package webview

import "testing"

func TestPoliciesThatAllowTheOwnOriginsMediaAllowTheStream(t *testing.T) {
	const source = "http://127.0.0.1:1/t/"
	for policy, want := range map[string]string{
		"":                             "",
		"script-src 'self'":            "script-src 'self'",
		"media-src 'self' blob:":       "media-src 'self' blob: " + source,
		"media-src 'SELF'; img-src *":  "media-src 'SELF' " + source + "; img-src *",
		"media-src 'none'":             "media-src 'none'",
		"media-src":                    "media-src",
		"media-src https://a.example":  "media-src https://a.example",
		"media-src *":                  "media-src *",
		"media-src app:":               "media-src app: " + source,
		"media-src app://localhost":    "media-src app://localhost " + source,
		"media-src app://localhost/a/": "media-src app://localhost/a/ " + source + "a/",
		"media-src app://localhosts":   "media-src app://localhosts",
		"default-src 'none'":           "default-src 'none'",
		"default-src 'self'":           "default-src 'self'; media-src 'self' " + source,
		"default-src 'self' 'nonce-x' 'unsafe-inline' data:; script-src 'self' ; ": "default-src 'self' 'nonce-x' 'unsafe-inline' data:; script-src 'self'; media-src 'self' data: " + source,
		"default-src 'self'; media-src 'none'":                                     "default-src 'self'; media-src 'none'",
		"MEDIA-SRC 'self'; media-src 'none'":                                       "media-src 'self' " + source,
		"media-src 'none'; media-src 'self'":                                       "media-src 'none'; media-src 'self'",
		"media-src 'self', default-src 'self'":                                     "media-src 'self' " + source + ",default-src 'self'; media-src 'self' " + source,
	} {
		if got := allowMedia(policy, source); got != want {
			t.Errorf("%q: %q, want %q", policy, got, want)
		}
	}
	for document, want := range map[string]string{
		"<!doctype html><p>": "",
		"<!-- <meta http-equiv=Content-Security-Policy content=\"media-src 'self'\"> -->":               "",
		"<script>'<meta http-equiv=Content-Security-Policy content=\"media-src \\'self\\'\">'</script>": "",
		"<meta name=content-security-policy content=\"media-src 'self'\">":                              "",
		"<meta http-equiv=Content-Security-Policy>":                                                     "",
		"<P  x = y><META content=\"media-src 'self'\"\nHTTP-EQUIV='Content-Security-Policy' ><b>&amp;":  "<P  x = y><meta content=\"media-src &#39;self&#39; " + source + "\" http-equiv=\"Content-Security-Policy\"><b>&amp;",
	} {
		if want == "" {
			want = document
		}
		if got := string(allowMediaIn([]byte(document), source)); got != want {
			t.Errorf("%q: %q, want %q", document, got, want)
		}
	}
}
