package pagetest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"casement/internal/wire"
	"casement/ipc"
)

// A Paper is a window without JavaScript. It parses the scripts that Go sends as a page would, but
// strictly. Run runs its UI thread, on the caller's goroutine.
type Paper struct {
	t        testing.TB
	Endpoint *wire.Endpoint
	// Key is the window's key. Page is the id of its page.
	Key  string
	Page string
	// Guard begins each script while the host does not trust its document.
	Guard string

	// Deaf drops all scripts. Dumb acknowledges none. Discard counts them without parsing.
	Deaf, Dumb, Discard bool
	// Trusts is the last answer of Trusted.
	Trusts bool
	// Scripts counts the scripts. Largest is the size of the largest one, in bytes.
	Scripts, Largest int
	// Got holds the messages that arrived: JSON tuples, with their bytes appended.
	Got [][]json.RawMessage
	// OnUI reports whether the caller is on the UI thread. If it is nil, no caller is.
	OnUI func() bool
	// Posted, if not nil, is called in each Post.
	Posted func()

	mu    sync.Mutex
	queue []func()
	gone  bool
	loads int
	text  string
	blob  []byte
	size  int
}

var keyIn = regexp.MustCompile(`"key":"([0-9a-f]{32})"`)

// NewPaper opens a window with a page. It closes at the end of the test.
func NewPaper(t testing.TB, router *ipc.Router, configure ...func(*wire.EndpointOptions)) *Paper {
	t.Helper()
	p := &Paper{t: t}
	options := wire.EndpointOptions{Label: "main", Host: p, Router: router, Origin: Origin}
	for _, f := range configure {
		f(&options)
	}
	endpoint, err := wire.NewEndpoint(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	p.Endpoint = endpoint
	p.Key = keyIn.FindStringSubmatch(endpoint.Script())[1]
	p.Guard = `if(location.origin==="` + options.Origin + `"){`
	t.Cleanup(func() {
		endpoint.Close()
		endpoint.Wait()
	})
	p.Load()
	return p
}

// Load starts a new page in place of the current one.
func (p *Paper) Load() {
	p.loads++
	p.Page = fmt.Sprintf("%016x", p.loads)
	p.Receive(`{"kind":"hello"}`, "")
}

// Forget drops the messages that have arrived, completely or in part.
func (p *Paper) Forget() { p.text, p.blob, p.size, p.Got = "", nil, 0, nil }

// Posts returns the number of functions that wait for the UI thread.
func (p *Paper) Posts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue)
}

// Go makes the window reject later posts.
func (p *Paper) Go() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
}

// Post implements wire.Host.
func (p *Paper) Post(f func()) bool {
	if p.Posted != nil {
		p.Posted()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return false
	}
	p.queue = append(p.queue, f)
	return true
}

// Run runs the posted functions until none is left.
func (p *Paper) Run() {
	for p.RunOne() {
	}
}

// RunOne runs the next posted function, and reports whether there was one.
func (p *Paper) RunOne() bool {
	p.mu.Lock()
	if len(p.queue) == 0 {
		p.mu.Unlock()
		return false
	}
	f := p.queue[0]
	p.queue = p.queue[1:]
	p.mu.Unlock()
	f()
	return true
}

// RunUntil runs posted functions until holds returns true. what describes the condition.
func (p *Paper) RunUntil(what string, holds func() bool) {
	p.t.Helper()
	Until(p.t, what, func() bool {
		p.Run()
		return holds()
	})
}

// Receive sends one message from the page.
func (p *Paper) Receive(header, body string) {
	p.Endpoint.Receive([]byte(p.Key + " " + p.Page + "\n" + header + "\n" + body + "\n"))
}

// UIThread implements wire.Host.
func (p *Paper) UIThread() bool { return p.OnUI != nil && p.OnUI() }

// Trusted implements wire.Host. Its answers alternate.
func (p *Paper) Trusted() bool {
	p.Trusts = !p.Trusts
	return p.Trusts
}

// Eval implements wire.Host.
func (p *Paper) Eval(script []byte) {
	p.Scripts++
	guard := p.Guard
	if p.Trusts && !bytes.HasPrefix(script, []byte(p.Guard+"\n")) {
		guard = ""
	}
	p.Largest = max(p.Largest, len(script))
	if p.Deaf {
		return
	}
	if p.Discard {
		if at := bytes.LastIndex(script, []byte("__ipc.ack(['")); at >= 0 && !p.Dumb {
			p.Ack(strings.TrimRight(string(script[at+len("__ipc.ack(['")+len(p.Page)+len("',"):]), "])}"))
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
		p.t.Errorf("a script with the wrong guard (trusted document: %v): %.200s", p.Trusts, script)
		return
	}
	if strings.HasPrefix(text, "\n") {
		return // a script of EvalResult or Eval
	}
	for text != "" {
		name, args, rest, err := call(text)
		if err != nil {
			p.t.Errorf("%v: %.200s", err, script)
			return
		}
		text = strings.TrimPrefix(rest, ";")
		if args[0] != p.Page {
			p.t.Errorf("a script for page %q", args[0])
		}
		switch name {
		case "part":
			p.part(args[1], args[2])
		case "dispatch":
			p.dispatch(args[1], args[2:])
		case "ack":
			if !p.Dumb {
				p.Ack(args[1])
			}
		default:
			p.t.Errorf("a call of %s", name)
		}
	}
}

// Ack acknowledges all scripts up to this one.
func (p *Paper) Ack(scripts string) { p.Receive(`{"kind":"ack","scripts":`+scripts+`}`, "") }

// call cuts "__ipc.name([args])" from the front of a script.
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
				} else if rest[at] < ' ' && (rest[at] != '\t' || rest[at-1] != ',') { // Tabs are only between messages.
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

func (p *Paper) part(size, piece string) {
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

func (p *Paper) dispatch(text string, blobs []string) {
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
		p.Got = append(p.Got, message)
	}
	if len(blobs) > 0 || p.size > 0 {
		p.t.Errorf("%d blobs are left over", len(blobs))
	}
}
