package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	json "github.com/goccy/go-json"
)

// A line is the definition of a row of the table.
type line struct {
	run    string // the row's name for contenders; empty if another row measures it
	figure string // its key in a contender's figures
	title  string
	unit   string
	digits int
	less   bool // less is better
	group  int  // the chart keeps rows of a group together
}

// rows are the rows of the table, in order.
var rows = []line{
	{run: "invoke-one", title: "invoke, one at a time", unit: "µs", less: true},
	{run: "invoke-inline", title: "the same, on the UI thread", unit: "µs", less: true},
	{run: "invoke-many", title: "invoke, 10,000 at once", unit: "a second"},
	{run: "echo-1MiB", title: "echo of a 1 MiB string", unit: "ms", digits: 1, less: true},
	{run: "bytes-up", title: "1 MiB of bytes to a command", unit: "MB/s"},
	{run: "bytes-down", title: "1 MiB of bytes from a command", unit: "MB/s"},
	{run: "events", title: "events of 50 bytes, one window", unit: "a second", group: 1},
	{run: "events-8", title: "events of 50 bytes, eight windows", unit: "a second", group: 1},
	{run: "channel-50B", title: "channel, 50 bytes of JSON", unit: "a second", group: 1},
	{run: "channel-4KiB", title: "channel, 4 KiB of bytes", unit: "MB/s", group: 1},
	{run: "channel-64KiB", title: "channel, 64 KiB of bytes", unit: "MB/s", group: 1},
	{run: "channel-1MiB", title: "channel, 1 MiB of bytes", unit: "MB/s", group: 1},
	{run: "idle", figure: "frames idle", title: "frames, 99 %, idle", unit: "ms", digits: 1, less: true, group: 2},
	{figure: "frames invoke-many", title: "frames, 99 %, invokes at once", unit: "ms", digits: 1, less: true, group: 2},
	{figure: "frames events", title: "frames, 99 %, events", unit: "ms", digits: 1, less: true, group: 2},
	{figure: "frames channel-50B", title: "frames, 99 %, channel of JSON", unit: "ms", digits: 1, less: true, group: 2},
	{figure: "frames channel-64KiB", title: "frames, 99 %, channel of 64 KiB", unit: "ms", digits: 1, less: true, group: 2},
	{run: "start", title: "start to first answer", unit: "ms", less: true, group: 3},
	{figure: "idle", title: "memory, idle", unit: "MB", less: true, group: 3},
	{figure: "peak", title: "memory, most of any row", unit: "MB", less: true, group: 3},
	{figure: "binary", title: "binary", unit: "MB", digits: 1, less: true, group: 3},
}

func (l line) key() string { return cmp.Or(l.figure, l.run) }

// A report holds the results of all rounds.
type report struct {
	Machine    string   `json:"machine"`
	Rounds     int      `json:"rounds"`
	Contenders []string `json:"contenders"`
	Rows       []result `json:"rows"`
}

// A result holds the figures of a row.
type result struct {
	Row  string `json:"row"`
	Unit string `json:"unit"`
	Less bool   `json:"lessIsBetter"`
	// Medians has one value for each contender, null if the contender does not have the row.
	// Figures holds the values behind the medians.
	Medians []*float64  `json:"medians"`
	Figures [][]float64 `json:"figures"`

	digits, group int
}

func newReport(contenders []*contender, rounds int) report {
	r := report{Machine: fmt.Sprintf("%s, %d cores", runtime.GOARCH, runtime.NumCPU()), Rounds: rounds}
	for _, c := range contenders {
		r.Contenders = append(r.Contenders, c.name)
	}
	for _, row := range rows {
		found := false
		one := result{Row: row.title, Unit: row.unit, Less: row.less, digits: row.digits, group: row.group}
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

// ahead returns the factor by which the first contender is better than another. It returns NaN if
// either has no figure, or one that rounds to zero.
func (r result) ahead(other int) float64 {
	first, second := r.Medians[0], r.Medians[other]
	least := 0.5 * math.Pow10(-r.digits)
	if first == nil || second == nil || *first < least || *second < least {
		return math.NaN()
	}
	if r.Less {
		return *second / *first
	}
	return *first / *second
}

// print writes the table: the median of each contender and, except for the first, the factor by
// which the first is better.
func (r report) print(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	cells := []string{"", ""}
	for i, contender := range r.Contenders {
		name, _ := nameAndVersion(contender)
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
	_ = table.Flush() // An error of the standard output cannot be reported.
	_, _ = fmt.Fprintf(out, "\n%s: medians of %s on %s.\n× is the factor by which %s is better.\n",
		strings.Join(r.Contenders, ", "), r.rounds(), r.Machine, r.Contenders[0])
}

// rounds returns the number of rounds as text.
func (r report) rounds() string {
	if r.Rounds == 1 {
		return "1 round"
	}
	return fmt.Sprintf("%d rounds", r.Rounds)
}

// nameAndVersion splits a version off a contender's name: a last word that begins with a digit.
func nameAndVersion(contender string) (name, version string) {
	if at := strings.LastIndexByte(contender, ' '); at > 0 && strings.IndexAny(contender[at+1:], "0123456789") == 0 {
		return contender[:at], contender[at+1:]
	}
	return contender, ""
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
