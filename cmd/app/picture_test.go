package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"testing"
)

func TestATileIsAHeaderAndPixels(t *testing.T) {
	v := view{re: -0.65, im: 0, span: wholeSpan}
	message := v.paint(tile{frame: 0x01020304, x: 128, y: 256, w: 3, h: 2}, 640, 400)
	want := []byte{4, 3, 2, 1, 128, 0, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0}
	if !bytes.Equal(message[:tileHeader], want) {
		t.Errorf("header % x, want % x", message[:tileHeader], want)
	}
	if len(message) != tileHeader+3*2*4 {
		t.Errorf("%d bytes", len(message))
	}
	for i := tileHeader + 3; i < len(message); i += 4 {
		if message[i] != 255 {
			t.Errorf("byte %d is %d: an alpha that is not opaque", i, message[i])
		}
	}
}

func TestTilesCoverAFrameOnce(t *testing.T) {
	for _, size := range [][2]int{{640, 400}, {128, 128}, {1, 1}, {129, 127}, {300, 5}} {
		covered := make([]int, size[0]*size[1])
		for _, c := range tiles(7, size[0], size[1], tileSize) {
			if c.frame != 7 || c.w < 1 || c.h < 1 || c.w > tileSize || c.h > tileSize {
				t.Errorf("%v: %+v", size, c)
			}
			for y := c.y; y < c.y+c.h; y++ {
				for x := c.x; x < c.x+c.w; x++ {
					covered[y*size[0]+x]++
				}
			}
		}
		for i, n := range covered {
			if n != 1 {
				t.Fatalf("%v: pixel %d, %d is in %d tiles", size, i%size[0], i/size[0], n)
			}
		}
	}
}

func TestPointsOfTheMandelbrotSet(t *testing.T) {
	for _, c := range []struct {
		re, im float64
		inside bool
	}{
		{0, 0, true}, {-1, 0, true}, {0.25, 0, true}, {-2, 0, true}, {0, 1, true}, // i has period two.
		{-0.1225, 0.7449, true}, // The centre of a part that neither formula covers.
		{-1.7549, 0, true},
		{0.26, 0, false}, {-2.001, 0, false}, {0, 1.01, false}, {1, 1, false}, {3, 0, false},
	} {
		if steps := escape(c.re, c.im, 100_000); (steps < 0) != c.inside {
			t.Errorf("%g%+gi: %g steps, want inside: %v", c.re, c.im, steps, c.inside)
		}
	}
	// The orbit of 3 is 3, 12, 147, 21612. The fourth value is beyond 256, so the result is a
	// little more than three steps.
	if steps := escape(3, 0, 100); steps < 0 || steps > 2 {
		t.Errorf("3 takes %g steps", steps)
	}
	// Neighbouring points have no jumps, where whole numbers of steps would.
	before := escape(0.5, 0, 1000)
	for re := 0.5; re < 2; re += 1e-4 {
		steps := escape(re, 0, 1000)
		if math.Abs(steps-before) > 0.01 {
			t.Fatalf("at %g: from %g to %g steps", re, before, steps)
		}
		before = steps
	}
}

func TestKnownPixels(t *testing.T) {
	const width, height = 9, 5
	message := home.paint(tiles(1, width, height, tileSize)[0], width, height)
	at := func(x, y int) [4]byte { return [4]byte(message[tileHeader+4*(y*width+x):]) }
	if got := at(4, 2); got != inside {
		t.Errorf("the middle is %v, want the set's colour", got)
	}
	for y := range height {
		if got := at(0, y); got == inside {
			t.Errorf("the left edge is in the set at %d", y)
		}
		for x := range width {
			// The set is symmetric to the real axis.
			if at(x, y) != at(x, height-1-y) {
				t.Errorf("pixel %d, %d is %v, and below the axis %v", x, y, at(x, y), at(x, height-1-y))
			}
		}
	}
	// A frame painted in tiles equals one painted at once.
	for _, c := range tiles(1, width, height, 4) {
		pixels := home.paint(c, width, height)[tileHeader:]
		for y := range c.h {
			for x := range c.w {
				if got := [4]byte(pixels[4*(y*c.w+x):]); got != at(c.x+x, c.y+y) {
					t.Errorf("pixel %d, %d is %v in a tile", c.x+x, c.y+y, got)
				}
			}
		}
	}
}

func TestADiveGoesDownAndUpWithoutEnd(t *testing.T) {
	d := newDive()
	first := d.next()
	if math.Abs(first.re-home.re) > 0.01 || math.Abs(first.im) > 0.01 || math.Abs(first.span-wholeSpan) > 1e-9 {
		t.Errorf("the dive begins at %+v", first)
	}
	turns, before, falling := 0, first, true
	for range 6000 {
		v := d.next()
		if v.span > wholeSpan/step || v.span < deepest*step {
			t.Fatalf("out of bounds: %+v", v)
		}
		if down := v.span < before.span; down != falling {
			falling = down
			turns++
		}
		// The centre of one frame stays visible in the next.
		if math.Hypot(v.re-before.re, v.im-before.im) > 0.1*before.span {
			t.Fatalf("from %+v to %+v", before, v)
		}
		if v.span < wholeSpan/100 && math.Hypot(v.re-spiral.re, v.im-spiral.im) > v.span/2 {
			t.Fatalf("the spiral is out of sight: %+v", v)
		}
		before = v
	}
	if turns < 4 {
		t.Errorf("the dive turned %d times", turns)
	}
}

func TestADiveFollowsItsAim(t *testing.T) {
	d := newDive()
	for range 100 {
		d.next()
	}
	v := d.next()
	d.aim(Point{X: 0.75, Y: 0.25}, 200, 100)
	re, im := v.re+v.span/4, v.im+v.span/8
	for range 300 {
		v = d.next()
	}
	if math.Hypot(v.re-re, v.im-im) > v.span/20 {
		t.Errorf("the view is %+v, want the centre %g%+gi", v, re, im)
	}
	was := d.aimRe
	for _, p := range []Point{{-0.1, 0}, {0, 1.1}, {math.NaN(), 0}, {math.Inf(1), 0}} {
		if d.aim(p, 200, 100); d.aimRe != was {
			t.Errorf("the aim is %+v", p)
		}
	}
}

func TestAPageThatTakesNothingStopsThePicture(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	const width, height = 200, 150 // Four tiles.
	to, reports := newTaker[[]byte](), newTaker[Gauge]()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var g gauge
	ended := make(chan error, 1)
	go func() {
		ended <- reported(ctx, &g, reports, func(ctx context.Context) error { return draw(ctx, newDive(), width, height, to, &g) })
	}()
	eventually(t, "frames", func() bool { return len(to.all()) > 40 })
	to.setShut(true)
	held := standsStill(t, reports)
	if still := standsStill(t, reports); still != held {
		t.Errorf("%+v, and then %+v", held, still)
	}
	to.setShut(false)
	eventually(t, "more frames", func() bool {
		all := reports.all()
		return all[len(all)-1].Frames > held.Frames+3
	})
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("draw returned %v", err)
	}
	eventually(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines })

	// Frames arrive one after the other, each with all its tiles.
	all := to.all()
	for i, message := range all {
		if frame := binary.LittleEndian.Uint32(message); frame != uint32(i/4+1) {
			t.Fatalf("tile %d of %d is of frame %d", i, len(all), frame)
		}
	}
}

func TestAPictureHasASize(t *testing.T) {
	for _, a := range []DrawPicture{{}, {Width: 1}, {Width: -1, Height: 5}, {Width: 4097, Height: 1}, {Width: 1, Height: 1 << 30}} {
		if _, err := drawPicture(t.Context(), a); err == nil {
			t.Errorf("%d × %d was drawn", a.Width, a.Height)
		}
	}
}
