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
	// tileSize makes a tile 64 KiB, close to the most efficient size of a message.
	tileSize = 128
	// framesAhead is the limit of frames under way: one travels while the screen shows another. With
	// more, the picture would react late to a pause or a click.
	framesAhead = 2
	// maxSide bounds the width and height of a frame to those of a screen.
	maxSide = 4096
)

// DrawPicture are the arguments of draw_picture.
type DrawPicture struct {
	// Width and Height are a frame's, in pixels, 1 to 4096.
	Width  int `json:"width"`
	Height int `json:"height"`
	// OnTile receives the tiles of one frame after the other; the tiles of a frame come in any
	// order. A tile begins with five little-endian uint32s: the number of its frame, from 1, and
	// the x, y, width and height of its rectangle. Its pixels follow, row by row, as bytes of red,
	// green, blue and alpha. The page reads tiles as fast as it shows them, and Go paints no faster
	// than the page reads.
	OnTile channels.Channel[[]byte] `json:"onTile"`
	// OnGauge receives the painter's counters, even while OnTile is blocked.
	OnGauge channels.Channel[Gauge] `json:"onGauge"`
	// Aim sends points of the frame; each is the target of the dive from then on.
	Aim channels.Receiver[Point] `json:"aim"`
}

// A Point is a position in a frame: the distances from its left and upper edges, as shares of its
// width and height.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// drawPicture is the command draw_picture. It dives into the Mandelbrot set and rises again, until
// the call is cancelled or the page closes the channel.
func drawPicture(ctx context.Context, a DrawPicture) (struct{}, error) {
	defer a.OnTile.Close()
	defer a.OnGauge.Close()
	defer a.Aim.Close()
	if min(a.Width, a.Height) < 1 || max(a.Width, a.Height) > maxSide {
		return struct{}{}, fmt.Errorf("the width and height of a picture must be 1 to %d pixels, not %d × %d", maxSide, a.Width, a.Height)
	}
	frame := a.Width * a.Height * 4
	a.OnTile.SetLimit(channels.Limit{Bytes: base64.StdEncoding.EncodedLen(frame * framesAhead)})
	aiming, stop := context.WithCancel(ctx)
	d := newDive()
	var aims errgroup.Group
	aims.Go(func() error {
		for point, err := range a.Aim.All(aiming) {
			if err != nil {
				break // The page sends no more targets; the dive goes on.
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

// draw paints frame after frame. It leaves one processor to the page, which shows them.
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
	// step is the factor from one frame's width to the next: nearly five times less after a second
	// of 60 frames, and still a visible dive at ten frames a second.
	step = 0.975
	// deepest is the smallest width of a frame. At that width a float64 still distinguishes a
	// hundred thousand points between neighbouring pixels, and a point costs about 20 times as many
	// steps as one of the whole set.
	deepest = 1e-8
	// turn is the share of the way to a new target that one frame covers. It is larger than the
	// share by which step narrows the view.
	turn = 0.08
)

// home is the centre of the whole set. spiral is a point of its edge around which the edge winds
// without end: after 24 steps of z² + c the point's orbit has period two, and each time it drives
// nearby points off by 15 %.
var (
	home   = view{re: -0.65, im: 0, span: wholeSpan}
	spiral = view{re: -0.7432918908524302, im: 0.13124055230879758}
)

// A dive is a path through the set: down to a target until float64 is not precise enough, up until
// the whole set is visible, and down again.
type dive struct {
	mu           sync.Mutex
	span         float64
	rising       bool
	re, im       float64 // the current target
	aimRe, aimIm float64 // the target requested last
	nowRe, nowIm float64 // the centre of the latest frame
}

func newDive() *dive {
	return &dive{
		span: wholeSpan / step, re: spiral.re, im: spiral.im, aimRe: spiral.re, aimIm: spiral.im,
		nowRe: home.re, nowIm: home.im,
	}
}

// next returns the view of the next frame.
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
	// From far away the centre is that of the set; the closer the view, the more it is the target.
	far := min(1, d.span/wholeSpan)
	far *= far
	d.nowRe, d.nowIm = d.re+(home.re-d.re)*far, d.im+(home.im-d.im)*far
	return view{d.nowRe, d.nowIm, d.span}
}

// aim sets the target to a point of the latest frame. The page may show an earlier frame, by at
// most framesAhead, so the point is off by a few pixels, which does not matter.
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
