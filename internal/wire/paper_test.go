package wire_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A paper is a window without JavaScript: it reads the scripts that Go sends as a page would, strictly.
// It is its own UI thread, which run runs.
type paper struct {
	t        testing.TB
	endpoint *wire.Endpoint
	key      string
	guard    string

	mu    sync.Mutex
	queue []func()
	gone  bool

	// deaf makes it lose scripts, dumb makes it not acknowledge them.
	deaf, dumb bool
	// trusts is what it has told about its document last.
	trusts  bool
	scripts int
	largest int
	text    string
	blob    []byte
	size    int
	// got are the messages that arrived, as JSON tuples with their bytes behind them.
	got [][]json.RawMessage
	// discard makes it only count scripts.
	discard bool
	// uiThread says whether the caller is on the UI thread.
	uiThread func() bool
}

const paperPage = "0123456789abcdef"

var keyIn = regexp.MustCompile(`"key":"([0-9a-f]{32})"`)

func newPaper(t testing.TB, router *ipc.Router, configure ...func(*wire.EndpointOptions)) *paper {
	t.Helper()
	p := &paper{t: t}
	options := wire.EndpointOptions{Label: "main", Host: p, Router: router, Origin: pagetest.Origin}
	for _, f := range configure {
		f(&options)
	}
	endpoint, err := wire.NewEndpoint(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	p.endpoint = endpoint
	p.key = keyIn.FindStringSubmatch(endpoint.Script())[1]
	p.guard = `if(location.origin==="` + options.Origin + `"){`
	t.Cleanup(func() {
		endpoint.Close()
		endpoint.Wait()
	})
	p.receive(`{"kind":"hello"}`, "")
	return p
}

func (p *paper) Post(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return false
	}
	p.queue = append(p.queue, f)
	return true
}

// run runs what is posted until nothing is.
func (p *paper) run() {
	for {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.mu.Unlock()
			return
		}
		f := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		f()
	}
}

// runOne runs one of what is posted, if anything is.
func (p *paper) runOne() {
	p.mu.Lock()
	if len(p.queue) == 0 {
		p.mu.Unlock()
		return
	}
	f := p.queue[0]
	p.queue = p.queue[1:]
	p.mu.Unlock()
	f()
}

// runUntil runs what is posted until a condition holds.
func (p *paper) runUntil(what string, holds func() bool) {
	p.t.Helper()
	pagetest.Until(p.t, what, func() bool {
		p.run()
		return holds()
	})
}

func (p *paper) receive(header, body string) {
	p.endpoint.Receive([]byte(p.key + " " + paperPage + "\n" + header + "\n" + body + "\n"))
}

// UIThread says that nobody is on it, unless a test knows better.
func (p *paper) UIThread() bool { return p.uiThread != nil && p.uiThread() }

// Trusted is in two minds.
func (p *paper) Trusted() bool {
	p.trusts = !p.trusts
	return p.trusts
}

func (p *paper) Eval(script []byte) {
	p.scripts++
	guard := p.guard
	if p.trusts && !bytes.HasPrefix(script, []byte(p.guard+"\n")) {
		guard = ""
	}
	p.largest = max(p.largest, len(script))
	if p.deaf {
		return
	}
	if p.discard {
		if at := bytes.LastIndex(script, []byte("__ipc.ack(['")); at >= 0 && !p.dumb {
			p.ack(strings.TrimRight(string(script[at+len("__ipc.ack(['")+len(paperPage)+len("',"):]), "])}"))
		}
		return
	}
	text := string(script)
	text, guarded := strings.CutPrefix(text, guard)
	closed := guard == ""
	if !closed {
		text, closed = strings.CutSuffix(text, "}")
	}
	if !guarded || !closed || (guard == "" && strings.HasPrefix(text, "if")) {
		p.t.Errorf("a script is guarded, or is not, for a host that trusts its document (%v): %.200s", p.trusts, script)
		return
	}
	if strings.HasPrefix(text, "\n") {
		return // A script of its own.
	}
	for text != "" {
		name, args, rest, err := call(text)
		if err != nil {
			p.t.Errorf("%v: %.200s", err, script)
			return
		}
		text = strings.TrimPrefix(rest, ";")
		if args[0] != paperPage {
			p.t.Errorf("a script for page %q", args[0])
		}
		switch name {
		case "part":
			p.part(args[1], args[2])
		case "dispatch":
			p.dispatch(args[1], args[2:])
		case "ack":
			if !p.dumb {
				p.ack(args[1])
			}
		default:
			p.t.Errorf("a call of %s", name)
		}
	}
}

func (p *paper) ack(scripts string) { p.receive(`{"kind":"ack","scripts":`+scripts+`}`, "") }

// call takes "__ipc.name([args])" from the front of a script.
func call(script string) (name string, args []string, rest string, err error) {
	name, rest, ok := strings.Cut(script, "([")
	name, own := strings.CutPrefix(name, "__ipc.")
	if !ok || !own {
		return "", nil, "", fmt.Errorf("no call")
	}
	for {
		if strings.HasPrefix(rest, "'") {
			var arg []byte
			at := 1
			for ; at < len(rest) && rest[at] != '\''; at++ {
				if rest[at] == '\\' {
					at++
					if at == len(rest) || (rest[at] != '\\' && rest[at] != '\'') {
						return "", nil, "", fmt.Errorf("a bad escape")
					}
				} else if rest[at] < ' ' && (rest[at] != '\t' || rest[at-1] != ',') { // Tabs are between messages only.
					return "", nil, "", fmt.Errorf("a control character")
				}
				arg = append(arg, rest[at])
			}
			if at == len(rest) {
				return "", nil, "", fmt.Errorf("an open string")
			}
			args, rest = append(args, string(arg)), rest[at+1:]
		} else {
			at := strings.IndexAny(rest, ",]")
			if at < 0 {
				return "", nil, "", fmt.Errorf("an open call")
			}
			if _, err := strconv.ParseUint(rest[:at], 10, 64); err != nil {
				return "", nil, "", err
			}
			args, rest = append(args, rest[:at]), rest[at:]
		}
		if rest == "" {
			return "", nil, "", fmt.Errorf("an open call")
		}
		done := rest[0] == ']'
		if rest = rest[1:]; done {
			rest, ok = strings.CutPrefix(rest, ")")
			if !ok {
				return "", nil, "", fmt.Errorf("an open call")
			}
			return name, args, rest, nil
		}
	}
}

func (p *paper) part(size, piece string) {
	n, _ := strconv.Atoi(size)
	if n == 0 {
		p.text += piece
		return
	}
	data, err := base64.StdEncoding.DecodeString(piece)
	if err != nil {
		p.t.Errorf("a piece: %v", err)
	}
	p.blob, p.size = append(p.blob, data...), n
}

func (p *paper) dispatch(text string, blobs []string) {
	var batch [][]json.RawMessage
	if err := json.Unmarshal([]byte(p.text+text), &batch); err != nil {
		p.t.Errorf("a batch: %v: %.200s", err, p.text+text)
	}
	p.text = ""
	for _, message := range batch {
		if kind := string(message[0]); kind == "1" || kind == "4" {
			var data []byte
			if p.size > 0 {
				if data = p.blob; len(data) != p.size {
					p.t.Errorf("%d bytes in pieces, want %d", len(data), p.size)
				}
				p.blob, p.size = nil, 0
			} else {
				var err error
				if data, err = base64.StdEncoding.DecodeString(blobs[0]); err != nil {
					p.t.Errorf("a blob: %v", err)
				}
				blobs = blobs[1:]
			}
			encoded, _ := json.Marshal(data)
			message = append(message, encoded)
		}
		p.got = append(p.got, message)
	}
	if len(blobs) > 0 || p.size > 0 {
		p.t.Errorf("%d blobs are left over", len(blobs))
	}
}

func newLogger(log *pagetest.Log) *slog.Logger { return slog.New(log) }

// join returns a message as the JSON it came as.
func join(message []json.RawMessage) string {
	text, _ := json.Marshal(message)
	return string(text)
}
