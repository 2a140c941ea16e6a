package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"casement/channels"
)

const (
	// tileSize has a tile be 64 KiB, near what travels best in one script.
	tileSize = 128
	// framesAhead has one frame be on its way while the screen shows another, and no more: a pause is to
	// stop the painter, and a click to show.
	framesAhead = 2
	// maxSide bounds a frame's width and height to what a screen has.
	maxSide = 4096
)

// DrawPicture are the arguments of draw_picture.
type DrawPicture struct {
	// Width and Height are a frame's, in pixels, 1 to 4096.
	Width  int `json:"width"`
	Height int `json:"height"`
	// OnTile takes the tiles of one frame after the other, those of one in any order. A tile is five
	// little-endian uint32s, the number of its frame, from 1, and the x, the y, the width and the height of
	// its rectangle; and then its pixels, row by row, as bytes of red, green, blue and alpha. The page takes
	// them as fast as it shows them, and nothing is painted that it would not.
	OnTile channels.Channel[[]byte] `json:"onTile"`
	// OnGauge takes how much was painted, whether or not OnTile moves.
	OnGauge channels.Channel[Gauge] `json:"onGauge"`
	// Aim sends the points of the frame to dive at from then on.
	Aim channels.Receiver[Point] `json:"aim"`
}

// A Point is a place in a frame: from its left and its upper edge, as shares of its width and height.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// drawPicture is draw_picture: it dives into the Mandelbrot set, and rises again, until the call is
// cancelled or nobody looks any more.
func drawPicture(ctx context.Context, a DrawPicture) (struct{}, error) {
	defer a.OnTile.Close()
	defer a.OnGauge.Close()
	defer a.Aim.Close()
	if min(a.Width, a.Height) < 1 || max(a.Width, a.Height) > maxSide {
		return struct{}{}, fmt.Errorf("a picture has 1 to %d pixels on a side, not %d × %d", maxSide, a.Width, a.Height)
	}
	frame := a.Width * a.Height * 4
	a.OnTile.SetLimit(channels.Limit{Bytes: base64.StdEncoding.EncodedLen(frame * framesAhead)})
	aiming, stop := context.WithCancel(ctx)
	d := newDive()
	var aims errgroup.Group
	aims.Go(func() error {
		for point, err := range a.Aim.All(aiming) {
			if err != nil {
				break // The dive goes on where it goes.
			}
			d.aim(point, a.Width, a.Height)
		}
		return nil
	})
	var g gauge
	err := reported(ctx, &g, a.OnGauge, func(ctx context.Context) error {
		return draw(ctx, d, a.Width, a.Height, a.OnTile, &g)
	})
	stop()
	_ = aims.Wait()
	return struct{}{}, err
}

// draw paints frame after frame. It leaves a processor to the page, which has to show them.
func draw(ctx context.Context, d *dive, width, height int, to channels.Sender[[]byte], g *gauge) error {
	for frame := uint32(1); ; frame++ {
		v := d.next()
		g.frames.Add(1)
		painters, ctx := errgroup.WithContext(ctx)
		painters.SetLimit(max(1, runtime.GOMAXPROCS(0)-1))
		for _, t := range tiles(frame, width, height, tileSize) {
			painters.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				message := v.paint(t, width, height)
				g.bytes.Add(int64(len(message)))
				return g.pass(func() error { return to.SendContext(ctx, message) })
			})
		}
		if err := painters.Wait(); err != nil {
			return err
		}
	}
}

const (
	// step is how much less the next frame shows: nearly five times less after a second of 60 frames, and
	// still a dive where there are ten.
	step = 0.975
	// deepest is how little a frame may show. A float64 still tells a hundred thousand points apart from one
	// of its pixels to the next, which costs about 20 times as many steps as one of the whole set.
	deepest = 1e-8
	// turn is how much of the way to a new target one frame goes: more than step shrinks what is left of it.
	turn = 0.08
)

// home is the middle of the whole set, and spiral a point of its edge around which it winds without end:
// after 24 steps of z² + c it comes back every two, and what is near it is driven off by 15 % each time.
var (
	home   = view{re: -0.65, im: 0, span: wholeSpan}
	spiral = view{re: -0.7432918908524302, im: 0.13124055230879758}
)

// A dive is a way through the set: down to a target until numbers are not exact enough any more, up until
// all of the set can be seen, and down again.
type dive struct {
	mu           sync.Mutex
	span         float64
	rising       bool
	re, im       float64 // what it moves towards now
	aimRe, aimIm float64 // what it shall move towards
	nowRe, nowIm float64 // the middle of the latest frame
}

func newDive() *dive {
	return &dive{
		span: wholeSpan / step, re: spiral.re, im: spiral.im, aimRe: spiral.re, aimIm: spiral.im,
		nowRe: home.re, nowIm: home.im,
	}
}

// next returns the next frame's view.
func (d *dive) next() view {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rising {
		d.span /= step
	} else {
		d.span *= step
	}
	switch {
	case d.span <= deepest:
		d.rising = true
	case d.span >= wholeSpan:
		d.rising = false
	}
	d.re += (d.aimRe - d.re) * turn
	d.im += (d.aimIm - d.im) * turn
	// Seen from far, it is the set that is in the middle; the closer, the more it is the target.
	far := min(1, d.span/wholeSpan)
	far *= far
	d.nowRe, d.nowIm = d.re+(home.re-d.re)*far, d.im+(home.im-d.im)*far
	return view{d.nowRe, d.nowIm, d.span}
}

// aim dives at a point of the latest frame. The page may show an earlier one, by framesAhead at the
// most: what was meant is a few pixels off, and the point is as good.
func (d *dive) aim(p Point, width, height int) {
	if !(math.Abs(p.X-0.5) <= 0.5 && math.Abs(p.Y-0.5) <= 0.5) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.aimRe = d.nowRe + (p.X-0.5)*d.span
	d.aimIm = d.nowIm - (p.Y-0.5)*d.span*float64(height)/float64(width)
	d.rising = false
}
