package wire

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	json "github.com/goccy/go-json"
)

const (
	// maxComplaint is the largest text of a page that the log shows, in bytes.
	maxComplaint = 4 << 10
	// maxComplaints is how many records a second pages put into the log. The page's runtime keeps to the same.
	maxComplaints = 10
)

// complaints is what the log says of what goes wrong in a page, by the header's Log.
var complaints = map[string]struct {
	level   slog.Level
	message string
	about   string // the attribute that holds the page's text
}{
	"console":   {slog.LevelError, "the page logged an error", "error"},
	"error":     {slog.LevelError, "an error in the page was not caught", "error"},
	"rejection": {slog.LevelError, "a promise rejection in the page was not handled", "error"},
	"policy":    {slog.LevelWarn, "the Content-Security-Policy blocked something in the page", "blocked"},
	"resource":  {slog.LevelWarn, "a file of the page could not be loaded", "element"},
}

// complained logs what went wrong in a page, as the page tells it.
func (e *Endpoint) complained(h *header, body []byte) {
	if h.Log == "omitted" {
		e.complaints.omit(h.Messages)
		if e.mayComplain() {
			e.omitted(e.complaints.flush())
		}
		return
	}
	c, ok := complaints[h.Log]
	if !ok {
		return // It is of a runtime that is not ours.
	}
	if !e.mayComplain() {
		return
	}
	var text string
	_ = json.Unmarshal(body, &text) // What is no text is nothing.
	attrs := []any{c.about, printable(text, maxComplaint)}
	if h.URL != "" {
		at := printable(h.URL, maxComplaint)
		if h.Line > 0 {
			at = fmt.Sprintf("%s:%d:%d", at, h.Line, h.Column)
		}
		attrs = append(attrs, "at", at)
	}
	e.log.Log(e.ctx, c.level, c.message, attrs...)
}

// mayComplain reports whether a page may have one more thing logged now.
func (e *Endpoint) mayComplain() bool {
	ok, omitted := e.complaints.allow(time.Now())
	e.omitted(omitted)
	return ok
}

// omitted logs how much a page would have had logged, if that is anything.
func (e *Endpoint) omitted(count uint64) {
	if count > 0 {
		e.log.Warn("more went wrong in the page than is logged", "omitted", count)
	}
}

// printable returns text of a page for the log: no longer than most bytes, and without characters that move a
// terminal's cursor, end a line, or can't be seen.
func printable(text string, most int) string {
	var out strings.Builder
	for _, r := range text {
		if out.Len() >= most {
			out.WriteString("…")
			break
		}
		if r == ' ' || unicode.IsGraphic(r) && !unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cf) {
			out.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return out.String()
}

// A throttle lets through maxComplaints a second and counts the rest.
type throttle struct {
	mu      sync.Mutex
	second  time.Time // when the present one began
	passed  int       // in this second
	omitted uint64    // since the flood began
	flooded bool      // some were left out in this second
}

// allow reports whether one more may pass. If a flood is over, it returns how many were left out.
func (t *throttle) allow(now time.Time) (ok bool, omitted uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if passed := now.Sub(t.second); passed >= time.Second || passed < 0 {
		if !t.flooded || passed >= 2*time.Second {
			omitted, t.omitted = t.omitted, 0
		}
		t.second, t.passed, t.flooded = now, 0, false
	}
	if t.passed >= maxComplaints {
		t.omitted++
		t.flooded = true
		return false, omitted
	}
	t.passed++
	return true, omitted
}

// omit counts what the page itself has left out.
func (t *throttle) omit(count uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.omitted += count
}

// flush returns how many were left out: a flood is over.
func (t *throttle) flush() (omitted uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	omitted, t.omitted = t.omitted, 0
	return omitted
}
