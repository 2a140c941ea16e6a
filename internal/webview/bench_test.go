package webview_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"casement/internal/webview"
)

func BenchmarkRoundTrip(b *testing.B) {
	for _, portable := range []bool{false, true} {
		b.Run(fmt.Sprintf("portable=%v", portable), func(b *testing.B) {
			a := start(b, portable)
			w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("ready")</script>`)})
			a.message()
			script := []byte(`post("x")`)
			for b.Loop() {
				a.loop.Post(func() { w.Eval(script) })
				a.message()
			}
		})
	}
}

// BenchmarkTrip answers a page's message with a script: in the handler, which is the platform's own
// speed, in a function that the handler posts, and in one that a goroutine posts.
func BenchmarkTrip(b *testing.B) {
	for _, how := range []string{"handler", "posted", "goroutine"} {
		b.Run(how, func(b *testing.B) {
			a := start(b, false)
			var w *webview.Window
			script := []byte(`post("x")`)
			answer := func() { w.Eval(script) }
			work, done := make(chan struct{}), make(chan struct{})
			go func() {
				for range work {
					a.loop.Post(answer)
				}
			}()
			left := 0
			a.openInto(&w, webview.WindowOptions{
				Assets: page(post + `<script>post("ready")</script>`),
				Handlers: webview.Handlers{Message: func(raw []byte) {
					if left--; left <= 0 {
						done <- struct{}{}
						return
					}
					switch how {
					case "handler":
						answer()
					case "posted":
						a.loop.Post(answer)
					case "goroutine":
						work <- struct{}{}
					}
				}},
			})
			<-done
			b.ResetTimer()
			a.loop.Post(func() { left = b.N; answer() })
			<-done
			close(work)
		})
	}
}

func BenchmarkMessageBytes(b *testing.B) {
	for _, portable := range []bool{false, true} {
		b.Run(fmt.Sprintf("portable=%v", portable), func(b *testing.B) {
			a := start(b, portable)
			w := a.open(webview.WindowOptions{Assets: page(post + `<script>const big="x".repeat(1<<20);post("ready")</script>`)})
			a.message()
			b.SetBytes(1 << 20)
			for b.Loop() {
				a.loop.Post(func() { w.Eval([]byte(`post(big)`)) })
				a.message()
			}
		})
	}
}

// BenchmarkPost measures the cost of posting one function.
func BenchmarkPost(b *testing.B) {
	for _, portable := range []bool{false, true} {
		b.Run(fmt.Sprintf("portable=%v", portable), func(b *testing.B) {
			a := start(b, portable)
			a.open(webview.WindowOptions{Assets: page("")})
			var ran atomic.Int64
			n := int64(0)
			for b.Loop() {
				a.loop.Post(func() { ran.Add(1) })
				n++
			}
			for ran.Load() < n {
				time.Sleep(time.Millisecond)
			}
		})
	}
}

// BenchmarkMessagesUnderLoad measures how late a page's message comes while the queue of posted
// functions never empties.
func BenchmarkMessagesUnderLoad(b *testing.B) {
	for _, portable := range []bool{false, true} {
		b.Run(fmt.Sprintf("portable=%v", portable), func(b *testing.B) {
			a := start(b, portable)
			w := a.open(webview.WindowOptions{Assets: page(post +
				`<script>setInterval(()=>post(String(Date.now())),20)</script>`)})
			a.message()
			_ = w
			var ran int
			var again func()
			var stop atomic.Bool
			again = func() {
				if ran++; !stop.Load() {
					// Busy for as long as an eval takes.
					for t := time.Now(); time.Since(t) < 20*time.Microsecond; {
					}
					a.loop.Post(again)
				}
			}
			a.loop.Post(again)
			var worst, sum int64
			began := time.Now()
			for b.Loop() {
				var sent int64
				_, _ = fmt.Sscan(a.message(), &sent)
				late := time.Now().UnixMilli() - sent
				worst, sum = max(worst, late), sum+late
			}
			stop.Store(true)
			b.ReportMetric(float64(worst), "ms-worst")
			b.ReportMetric(float64(sum)/float64(b.N), "ms-mean")
			b.ReportMetric(float64(ran)*20e-6/time.Since(began).Seconds()*100, "%-working")
		})
	}
}
