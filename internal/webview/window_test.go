package webview_test

import (
	"testing"

	"casement/internal/webview"
)

func TestAPageAndGoTalk(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Title: "talk", Assets: page(post + `<script>post("hello "+location.origin)</script>`)})
		a.expect("hello " + w.Origin())
		a.eval(w, `post("eval "+location.pathname)`)
		a.expect("eval /")
	})
}
