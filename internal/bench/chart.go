package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The chart's dimensions in its own units. It is designed for a page about 900 units wide.
const (
	chartWidth   = 960
	chartMargin  = 24
	chartTop     = 134 // where the first row begins
	chartRow     = 26
	chartGap     = 10  // between groups of rows
	chartFirst   = 338 // where the first contender's figures end
	chartFigure  = 72  // from a column's left edge to the end of its figures
	chartBar     = 12
	chartInside  = 31 // the shortest bar with room for its label
	chartBottom  = 40
	lowest, most = -0.6, 2.1 // the scale's ends, as powers of ten
)

// chartStyle is the style sheet, for light and dark pages.
const chartStyle = `
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;fill:#1f2328}
.card{fill:#fff;stroke:#d1d9e0}.title{font-size:18px;font-weight:600}.name{font-weight:600}
.small,.unit,.tick{font-size:11px}.small,.unit,.tick,.none{fill:#59636e}.bar{font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:3px}
.in{fill:#fff;font-weight:600;stroke:none}.rule,.scale{stroke:#d1d9e0}.scale{stroke-dasharray:2 3}.one{stroke:#59636e}
.better{fill:#0a7d6c}.worse{fill:#c4622d}.end{text-anchor:end}.mid{text-anchor:middle}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.card{fill:#0d1117;stroke:#3d444d}
.small,.unit,.tick,.none{fill:#9198a1}.rule,.scale{stroke:#3d444d}.one{stroke:#9198a1}
.bar{stroke:#0d1117}.in{fill:#04120f;stroke:none}.better{fill:#2fb8a0}.worse{fill:#e08a55}}`

// A drawing is an SVG document that is being written.
type drawing struct{ strings.Builder }

func (d *drawing) add(format string, args ...any) { _, _ = fmt.Fprintf(d, format+"\n", args...) }

func (d *drawing) text(class string, x, y float64, text string) {
	d.add(`<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x, y, html.EscapeString(text))
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	d.add(`<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

func (d *drawing) bar(class string, x, y, width float64) {
	d.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%d" rx="2"/>`, class, x, y, max(width, 1.5), chartBar)
}

// chart draws a table of medians. Beside the median of each other contender, a bar on a logarithmic
// scale shows by which factor the first contender is better or worse.
func (r report) chart() string {
	others := len(r.Contenders) - 1
	column := float64(chartWidth-chartMargin-chartFirst) / float64(max(others, 1))
	left := func(other int) float64 { return chartFirst + float64(other-1)*column }
	scale := func(other int, ratio float64) float64 {
		from, reach := left(other)+chartFigure+8, column-chartFigure-10
		return from + reach*(max(lowest, min(most, math.Log10(ratio)))-lowest)/(most-lowest)
	}
	height, ys := float64(chartTop), []float64{}
	for n, row := range r.Rows {
		if n > 0 && row.group != r.Rows[n-1].group {
			height += chartGap
		}
		ys = append(ys, height)
		height += chartRow
	}
	bottom := height
	height += chartBottom

	first, _ := nameAndVersion(r.Contenders[0])
	title := first + " and its peers"
	var d drawing
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %.0f" width="%[1]d" height="%.0[2]f" role="img">`, chartWidth, height)
	d.add(`<title>%s</title><style>%s</style>`, html.EscapeString(title), chartStyle)
	d.add(`<rect class="card" x=".5" y=".5" width="%d" height="%.0f" rx="8"/>`, chartWidth-1, height-1)
	d.text("title", chartMargin, 38, title)
	d.text("small", chartMargin, 58, fmt.Sprintf("Medians of %s on %s", r.rounds(), r.Machine))
	if others > 0 {
		d.bar("better", chartFirst+chartFigure+8, 28, chartBar)
		d.text("small", chartFirst+chartFigure+26, 38, first+" is ahead, by this factor")
		d.bar("worse", chartFirst+chartFigure+8, 48, chartBar)
		d.text("small", chartFirst+chartFigure+26, 58, first+" is behind; the factor is below 1")
	}
	for i, contender := range r.Contenders {
		name, version := nameAndVersion(contender)
		if i == 0 {
			d.text("name end", chartFirst, chartTop-28, name)
			d.text("small end", chartFirst, chartTop-12, version)
			continue
		}
		d.text("name", left(i)+20, chartTop-28, name)
		d.text("small", left(i)+20, chartTop-12, version)
		d.line("one", scale(i, 1), chartTop, scale(i, 1), bottom)
		d.text("tick mid", scale(i, 1), bottom+16, "1×")
		for _, ratio := range []float64{10, 100} {
			d.line("scale", scale(i, ratio), chartTop, scale(i, ratio), bottom)
			d.text("tick mid", scale(i, ratio), bottom+16, fmt.Sprintf("%g", ratio))
		}
	}
	for n, row := range r.Rows {
		y := ys[n]
		if n == 0 || row.group != r.Rows[n-1].group {
			d.line("rule", chartMargin, y-chartGap/2, chartWidth-chartMargin, y-chartGap/2)
		}
		base := y + chartRow/2 + 4
		d.add(`<text x="%d" y="%.1f">%s <tspan class="unit">%s</tspan></text>`, chartMargin, base, html.EscapeString(row.Row), strings.Replace(row.Unit, "a second", "/s", 1))
		for i, m := range row.Medians {
			class, end := "name end", float64(chartFirst)
			if i > 0 {
				class, end = "end", left(i)+chartFigure
			}
			if m == nil {
				d.text("none end", end, base, "–")
				continue
			}
			d.text(class, end, base, brief(*m, row.digits))
			if ratio := row.ahead(i); i > 0 && !math.IsNaN(ratio) {
				d.ratio(scale(i, 1), scale(i, ratio), y+(chartRow-chartBar)/2, ratio)
			}
		}
	}
	d.add("</svg>")
	return d.String()
}

// ratio draws a bar from 1 to a ratio and writes the ratio into the bar, or beside it if there is
// no room.
func (d *drawing) ratio(one, at, y, ratio float64) {
	label, base := times(ratio), y+chartBar-2
	if at < one {
		d.bar("worse", at, y, one-at)
		d.text("bar", one+5, base, label)
		return
	}
	d.bar("better", one, y, at-one)
	if at-one > chartInside {
		d.text("bar in end", at-4, base, label)
	} else {
		d.text("bar", max(at, one+1.5)+4, base, label)
	}
}

// brief formats a figure as number does, but shortens millions.
func brief(figure float64, digits int) string {
	if figure >= 1e6 {
		return fmt.Sprintf("%.2f M", figure/1e6)
	}
	return number(figure, digits)
}

// times formats a ratio with about two digits.
func times(ratio float64) string {
	switch {
	case ratio < 0.995:
		return fmt.Sprintf("%.2f×", ratio)
	case ratio < 9.95:
		return fmt.Sprintf("%.1f×", ratio)
	}
	return number(ratio, 0) + "×"
}
