package main

import (
	"encoding/binary"
	"math"
)

// tileHeader is the length of the header before a tile's pixels: the number of its frame, and the
// x, y, width and height of its rectangle in that frame, each as a little-endian uint32.
const tileHeader = 5 * 4

// A tile is a rectangle of a frame.
type tile struct {
	frame      uint32
	x, y, w, h int
}

// tiles divides a frame into squares with sides of at most size. Those at the right and lower edges
// may be smaller.
func tiles(frame uint32, width, height, size int) []tile {
	var all []tile
	for y := 0; y < height; y += size {
		for x := 0; x < width; x += size {
			all = append(all, tile{frame, x, y, min(size, width-x), min(size, height-y)})
		}
	}
	return all
}

// message returns the header of a tile followed by room for its pixels, four bytes each.
func (t tile) message() (message, pixels []byte) {
	message = make([]byte, 0, tileHeader+4*t.w*t.h)
	for _, n := range []uint32{t.frame, uint32(t.x), uint32(t.y), uint32(t.w), uint32(t.h)} {
		message = binary.LittleEndian.AppendUint32(message, n)
	}
	message = message[:cap(message)]
	return message, message[tileHeader:]
}

// A view is the part of the complex plane that a frame shows: its centre and its width.
type view struct {
	re, im float64
	span   float64
}

// at returns the point at the centre of a pixel.
func (v view) at(x, y, width, height int) (re, im float64) {
	pixel := v.span / float64(width)
	return v.re + (float64(x)+0.5-float64(width)/2)*pixel, v.im - (float64(y)+0.5-float64(height)/2)*pixel
}

// paint returns a tile with its pixels: red, green, blue and an alpha of 255, row by row.
func (v view) paint(t tile, width, height int) []byte {
	message, pixels := t.message()
	limit := v.limit()
	for y := range t.h {
		for x := range t.w {
			re, im := v.at(t.x+x, t.y+y, width, height)
			c := colour(escape(re, im, limit))
			copy(pixels[4*(y*t.w+x):], c[:])
		}
	}
	return message
}

// limit is the number of steps in which a point may escape. Points that lie closer together need
// more steps to separate: near the targets, about 20 for each halving.
func (v view) limit() int {
	return 200 + int(24*max(0, math.Log2(wholeSpan/v.span)))
}

// wholeSpan is the width that shows the whole set.
const wholeSpan = 3.6

// bailout is the square of the distance at which a point counts as escaped. 4 would be enough to
// decide, but would leave visible bands between the colours.
const bailout = 1 << 16

// escape returns the number of steps of z² + c after which the point c escapes, as a number without
// jumps between neighbouring points. It returns a negative number if c has not escaped after limit
// steps.
func escape(re, im float64, limit int) float64 {
	// The two largest parts of the set would cost the most steps, so they are tested directly.
	im2 := im * im
	q := (re-0.25)*(re-0.25) + im2
	if q*(q+re-0.25) <= im2/4 || (re+1)*(re+1)+im2 <= 1.0/16 {
		return -1
	}
	var x, y, x2, y2 float64
	// A point that returns to an earlier position cycles forever. The position is saved at growing
	// intervals, so that longer cycles are found too.
	var wasX, wasY float64
	note := 8
	for n := range limit {
		y = 2*x*y + im
		x = x2 - y2 + re
		x2, y2 = x*x, y*y
		if x2+y2 > bailout {
			return max(0, float64(n)+1-math.Log2(math.Log2(x2+y2)/2))
		}
		if x == wasX && y == wasY {
			return -1
		}
		if n == note {
			wasX, wasY = x, y
			note *= 2
		}
	}
	return -1
}

// inside is the colour of the set itself.
var inside = [4]byte{10, 14, 28, 255}

// stops are the colours of the palette, evenly spaced. The first follows the last.
var stops = [][3]float64{
	{16, 24, 56}, {24, 58, 140}, {42, 91, 215}, {132, 169, 255}, {240, 244, 255},
	{255, 214, 140}, {226, 130, 72}, {120, 44, 78},
}

// paletteSize makes neighbouring colours differ by less than the eye can see.
const paletteSize = 2048

// cycle is the number of steps after which the palette repeats.
const cycle = 96

var palette = func() (p [paletteSize][4]byte) {
	for i := range p {
		at := float64(i) / paletteSize * float64(len(stops))
		from, to := stops[int(at)], stops[(int(at)+1)%len(stops)]
		share := at - math.Floor(at)
		share = share * share * (3 - 2*share)
		for c := range from {
			p[i][c] = byte(from[c] + (to[c]-from[c])*share + 0.5)
		}
		p[i][3] = 255
	}
	return p
}()

// colour returns the colour of a point that escaped after this number of steps.
func colour(steps float64) [4]byte {
	if steps < 0 {
		return inside
	}
	return palette[int(steps/cycle*paletteSize)%paletteSize]
}
