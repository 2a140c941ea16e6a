// Command webview is the contender of plain webview_go in make bench-peers. It uses Bind for calls
// of the page, and Dispatch and Eval for messages to it.
//
//	webview PAGE.js ROW
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	webviewgo "github.com/webview/webview_go"
)

func main() {
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	w := webviewgo.New(false)
	defer w.Destroy()
	bind := func(name string, f any) {
		if err := w.Bind(name, f); err != nil {
			log.Fatal(err)
		}
	}
	message := strings.Repeat("x", 40)
	bind("echo", func(value string) string { return value })
	bind("emit", func(count int) {
		go func() {
			for n := range count { // Each script is different, as real ones are.
				w.Dispatch(func() { w.Eval(fmt.Sprintf("heard('%s%08d')", message, n)) })
			}
		}()
	})
	bind("row", func() string { return os.Args[2] })
	bind("report", func(line string) { fmt.Println(line) })
	w.SetSize(800, 600, webviewgo.HintNone)
	w.SetHtml("<!doctype html><meta charset=utf-8><title>webview</title><body><script>" + string(script) + "</script>")
	w.Run()
}
