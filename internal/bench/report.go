package main

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	json "github.com/goccy/go-json"
)

// A line is a row of the table.
type line struct {
	run    string // what contenders are asked for; empty if another row finds it
	figure string // by which a contender keeps it
	title  string
	unit   string
	digits int
	less   bool // less is better
}

// rows are the table, in order.
var rows = []line{
	{run: "invoke-one", title: "invoke, one at a time", unit: "µs", less: true},
	{run: "invoke-many", title: "invoke, 10,000 at once", unit: "a second"},
	{run: "echo-1MiB", title: "echo of a 1 MiB string", unit: "ms", digits: 1, less: true},
	{run: "bytes-up", title: "1 MiB of bytes to a command", unit: "MB/s"},
	{run: "bytes-down", title: "1 MiB of bytes from a command", unit: "MB/s"},
	{run: "events", title: "events of 50 bytes, one window", unit: "a second"},
	{run: "events-8", title: "events of 50 bytes, eight windows", unit: "a second"},
	{run: "channel-50B", title: "channel, 50 bytes of JSON", unit: "a second"},
	{run: "channel-4KiB", title: "channel, 4 KiB of bytes", unit: "MB/s"},
	{run: "channel-64KiB", title: "channel, 64 KiB of bytes", unit: "MB/s"},
	{run: "channel-1MiB", title: "channel, 1 MiB of bytes", unit: "MB/s"},
	{run: "idle", figure: "frames idle", title: "frames, 99 %, idle", unit: "ms", digits: 1, less: true},
	{figure: "frames invoke-many", title: "frames, 99 %, invokes at once", unit: "ms", digits: 1, less: true},
	{figure: "frames events", title: "frames, 99 %, events", unit: "ms", digits: 1, less: true},
	{figure: "frames channel-50B", title: "frames, 99 %, channel of JSON", unit: "ms", digits: 1, less: true},
	{figure: "frames channel-64KiB", title: "frames, 99 %, channel of 64 KiB", unit: "ms", digits: 1, less: true},
	{run: "start", title: "start to first answer", unit: "ms", less: true},
	{figure: "idle", title: "memory, idle", unit: "MB", less: true},
	{figure: "peak", title: "memory, most of any row", unit: "MB", less: true},
	{figure: "binary", title: "binary", unit: "MB", digits: 1, less: true},
}

func (l line) key() string { return cmp.Or(l.figure, l.run) }

// A report is what there is to say of all rounds.
type report struct {
	Machine    string   `json:"machine"`
	Rounds     int      `json:"rounds"`
	Contenders []string `json:"contenders"`
	Rows       []result `json:"rows"`
}

// A result is a row's figures.
type result struct {
	Row  string `json:"row"`
	Unit string `json:"unit"`
	Less bool   `json:"lessIsBetter"`
	// Medians are one for each contender, null for a row that it has nothing for, and Figures what they are of.
	Medians []*float64  `json:"medians"`
	Figures [][]float64 `json:"figures"`

	digits int
}

func newReport(contenders []*contender, rounds int) report {
	r := report{Machine: fmt.Sprintf("%s, %d CPUs", runtime.GOARCH, runtime.NumCPU()), Rounds: rounds}
	for _, c := range contenders {
		r.Contenders = append(r.Contenders, c.name)
	}
	for _, row := range rows {
		found := false
		one := result{Row: row.title, Unit: row.unit, Less: row.less, digits: row.digits}
		for _, c := range contenders {
			figures := c.figures[row.key()]
			var m *float64
			if len(figures) > 0 {
				m, found = new(median(figures)), true
			}
			one.Medians = append(one.Medians, m)
			one.Figures = append(one.Figures, append([]float64{}, figures...))
		}
		if found {
			r.Rows = append(r.Rows, one)
		}
	}
	return r
}

func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// ahead returns how many times better the first contender is than another, or NaN.
func (r result) ahead(other int) float64 {
	first, second := r.Medians[0], r.Medians[other]
	if first == nil || second == nil || *first <= 0 || *second <= 0 {
		return math.NaN()
	}
	if r.Less {
		return *second / *first
	}
	return *first / *second
}

// print writes the table: each contender's median and, of all but the first, how many times better the first is.
func (r report) print(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	cells := []string{"", ""}
	for i, name := range r.Contenders {
		cells = append(cells, name)
		if i > 0 {
			cells = append(cells, "×")
		}
	}
	write := func() { _, _ = fmt.Fprintln(table, strings.Join(cells, "\t")+"\t") }
	write()
	for _, row := range r.Rows {
		cells = []string{row.Row, row.Unit}
		for i, m := range row.Medians {
			text, ratio := "–", "–"
			if m != nil {
				text = number(*m, row.digits)
			}
			if a := row.ahead(i); !math.IsNaN(a) {
				ratio = fmt.Sprintf("%.2f", a)
			}
			cells = append(cells, text)
			if i > 0 {
				cells = append(cells, ratio)
			}
		}
		write()
	}
	_ = table.Flush() // Nothing is left to tell if this fails.
	_, _ = fmt.Fprintf(out, "\nMedians of %d rounds on %s. × is how many times better %s is.\n", r.Rounds, r.Machine, r.Contenders[0])
}

// number formats a figure with commas between thousands.
func number(figure float64, digits int) string {
	text := fmt.Sprintf("%.*f", digits, figure)
	whole, rest, _ := strings.Cut(text, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}

func (r report) writeJSON(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// chart draws, for each row, how many times better or worse each contender is than the first, on a logarithmic scale.
func (r report) chart() string {
	const (
		left, right  = 250, 90
		width        = 900
		bar, gap     = 12, 12
		top          = 46
		low, high    = -1.0, 2.0 // powers of ten
		ink, pale    = "#1d1d1f", "#8e8e93"
		reach        = float64(width - left - right)
		titleX       = left - 12
		ruleToBottom = 20
	)
	colours := []string{"#0a7d6c", "#a2845e", "#5e5ce6", "#d1603d", "#3a6ea5"}
	others := len(r.Contenders) - 1
	x := func(ratio float64) float64 {
		return left + reach*(max(low, min(high, math.Log10(ratio)))-low)/(high-low)
	}
	var drawn []result
	for _, row := range r.Rows {
		if row.Medians[0] != nil {
			drawn = append(drawn, row)
		}
	}
	rowHeight := max(others, 1)*bar + gap
	height := top + len(drawn)*rowHeight + ruleToBottom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui,sans-serif" font-size="12">`, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`, width, height)
	for power := low; power <= high; power++ {
		at := x(math.Pow(10, power))
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-opacity=".3"/>`, at, top-8, at, height-ruleToBottom, pale)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" fill="%s" text-anchor="middle">%g×</text>`, at, height-4, pale, math.Pow(10, power))
	}
	at := float64(left)
	for i, name := range r.Contenders[1:] {
		fmt.Fprintf(&b, `<rect x="%.1f" y="10" width="%d" height="%d" fill="%s"/>`, at, bar, bar, colours[i%len(colours)])
		label := fmt.Sprintf("%s better than %s", r.Contenders[0], name)
		fmt.Fprintf(&b, `<text x="%.1f" y="20" fill="%s">%s</text>`, at+bar+6, ink, html.EscapeString(label))
		at += float64(bar + 30 + 6*len(label))
	}
	for n, row := range drawn {
		y := top + n*rowHeight
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s" text-anchor="end">%s</text>`, titleX, y+max(others, 1)*bar/2+4, ink, html.EscapeString(row.Row))
		for i := 1; i <= others; i++ {
			ratio := row.ahead(i)
			if math.IsNaN(ratio) {
				continue
			}
			from, to := x(1), x(ratio)
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`, min(from, to), y+(i-1)*bar+1, max(math.Abs(to-from), 1), bar-2, colours[(i-1)%len(colours)])
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" fill="%s" font-size="10">%.3g×</text>`, max(from, to)+4, y+i*bar-2, ink, ratio)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}
