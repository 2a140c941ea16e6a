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
	// maxComplaint is the largest text of a page in a log record, in bytes.
	maxComplaint = 4 << 10
	// maxComplaints bounds the log records that pages cause, per second. The page runtime has the
	// same bound.
	maxComplaints = 10
)

// complaints are the log records for problems in a page, by header.Log.
var complaints = map[string]struct {
	level   slog.Level
	message string
	about   string // the key of the page's text
}{
	"console":   {slog.LevelError, "the page logged an error", "error"},
	"error":     {slog.LevelError, "an error in the page was not caught", "error"},
	"rejection": {slog.LevelError, "a promise rejection in the page was not handled", "error"},
	"policy":    {slog.LevelWarn, "the Content-Security-Policy blocked something in the page", "blocked"},
	"resource":  {slog.LevelWarn, "a file of the page could not be loaded", "element"},
}

// complained logs a problem that a page reports.
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
		return // It does not come from our runtime.
	}
	if !e.mayComplain() {
		return
	}
	var text string
	_ = json.Unmarshal(body, &text) // A body that is no string logs as "".
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

// mayComplain reports whether a page may cause one more log record now.
func (e *Endpoint) mayComplain() bool {
	ok, omitted := e.complaints.allow(time.Now())
	e.omitted(omitted)
	return ok
}

// omitted logs the number of omitted records, unless it is 0.
func (e *Endpoint) omitted(count uint64) {
	if count > 0 {
		e.log.Warn("the page reported more problems than were logged", "omitted", count)
	}
}

// printable returns a page's text for the log: cut with an ellipsis after most bytes, and without
// characters that move a terminal's cursor, end a line, or are invisible.
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

// A throttle passes maxComplaints per second and counts the rest.
type throttle struct {
	mu      sync.Mutex
	second  time.Time // start of the current second
	passed  int       // in this second
	omitted uint64    // since the flood began
	flooded bool      // some were omitted in this second
}

// allow reports whether one more may pass. After the end of a flood, it returns the number of
// omitted ones.
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

// omit counts records that the page itself has omitted.
func (t *throttle) omit(count uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.omitted += count
}

// flush ends a flood and returns the number of omitted ones.
func (t *throttle) flush() (omitted uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	omitted, t.omitted = t.omitted, 0
	return omitted
}
