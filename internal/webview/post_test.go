package webview_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"casement/internal/webview"
)

func TestNothingPostedIsLostOrReordered(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		a.open(webview.WindowOptions{Assets: page("")})
		const posters, each = 8, 100_000
		last := make([]int, posters)
		var wrong int
		var all sync.WaitGroup
		for p := range posters {
			all.Go(func() {
				for i := 1; i <= each; i++ {
					if !a.loop.Post(func() {
						if last[p] != i-1 {
							wrong++
						}
						last[p] = i
					}) {
						t.Error("Post returned false while the loop runs")
						return
					}
				}
			})
		}
		all.Wait()
		a.ui(func() {
			if wrong != 0 {
				t.Errorf("%d functions out of order", wrong)
			}
			for p, n := range last {
				if n != each {
					t.Errorf("poster %d: %d of %d ran", p, n, each)
				}
			}
		})
	})
}

func TestPostedFunctionsDoNotNest(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		var order []string
		var inside bool
		done := make(chan struct{})
		a.loop.Post(func() {
			inside = true
			for i := range 3 {
				a.loop.Post(func() {
					if inside {
						t.Error("a posted function ran inside another")
					}
					order = append(order, fmt.Sprint(i))
				})
			}
			// Open runs an event loop on some platforms.
			w, err := a.loop.Open(webview.WindowOptions{Assets: page("")})
			if err != nil {
				t.Error(err)
				return
			}
			w.Close() // may do the same
			order = append(order, "outer")
			inside = false
			a.loop.Post(func() { close(done) })
		})
		wait(t, done, "the posted functions")
		a.ui(func() {
			if want := []string{"outer", "0", "1", "2"}; !slices.Equal(order, want) {
				t.Errorf("order %v, want %v", order, want)
			}
		})
	})
}

func TestAFullQueueDoesNotStarveThePage(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("ready")</script>`)})
		a.expect("ready")
		stop := make(chan struct{})
		var again func()
		again = func() { // keeps the queue from being empty
			select {
			case <-stop:
			default:
				a.loop.Post(again)
			}
		}
		a.loop.Post(again)
		defer close(stop)
		for i := range 20 {
			began := time.Now()
			a.loop.Post(func() { w.Eval(fmt.Appendf(nil, "post('%d')", i)) })
			a.expect(fmt.Sprint(i))
			if d := time.Since(began); d > time.Second {
				t.Fatalf("a round trip took %v", d)
			}
		}
	})
}

func TestPostedBeforeRunRunsFirst(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		loop := newLoop(t, portable)
		var ran []int
		for i := range 3 {
			loop.Post(func() { ran = append(ran, i) })
		}
		loop.Quit()
		loop.Quit()
		run(t, loop)
		if !slices.Equal(ran, []int{0, 1, 2}) {
			t.Errorf("ran %v", ran)
		}
		if loop.Post(func() { t.Error("a function posted after the end ran") }) {
			t.Error("Post accepted a function after the end")
		}
		loop.Quit()
	})
}

func TestAcceptedFunctionsHaveRunWhenRunReturns(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		loop := newLoop(t, portable)
		var accepted, ran int // accepted by one goroutine, ran on the UI thread
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for loop.Post(func() { ran++ }) {
				accepted++
			}
		}()
		time.AfterFunc(100*time.Millisecond, loop.Quit)
		run(t, loop)
		<-stopped
		if ran != accepted || ran == 0 {
			t.Errorf("%d of %d accepted functions ran", ran, accepted)
		}
	})
}
