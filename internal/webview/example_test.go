package webview_test

import (
	"fmt"
	"log"
	"net/http"

	"casement/internal/webview"
)

// A main function opens a window and runs until it is closed.
func ExampleNewLoop() {
	loop, err := webview.NewLoop(webview.LoopOptions{ID: "com.example.hello", Name: "Hello"})
	if err != nil {
		log.Fatal(err)
	}
	loop.Post(func() {
		_, err := loop.Open(webview.WindowOptions{
			Title:    "Hello",
			Assets:   http.FileServer(http.Dir("dist")),
			Handlers: webview.Handlers{Closed: loop.Quit},
		})
		if err != nil {
			log.Print(err)
			loop.Quit()
		}
	})
	if err := loop.Run(); err != nil {
		log.Fatal(err)
	}
}

// Messages from a page arrive at Handlers.Message. Go answers with Eval, from any goroutine through
// Post.
func ExampleWindow_Eval() {
	greet := func(loop *webview.Loop, files http.Handler) {
		var w *webview.Window
		loop.Post(func() {
			w, _ = loop.Open(webview.WindowOptions{Assets: files, Handlers: webview.Handlers{
				Message: func(raw []byte) { fmt.Printf("the page says %s\n", raw) },
			}})
		})
		go loop.Post(func() { w.Eval([]byte(`document.body.append("hello")`)) })
	}
	_ = greet
}

func ExampleOpenExternal() {
	fmt.Println(webview.OpenExternal("file:///etc/passwd"))
	// Output: opening a URL outside: "file:///etc/passwd" is not http, https or mailto
}
