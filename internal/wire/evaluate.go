package wire

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	json "github.com/goccy/go-json"

	"casement/internal/codec"
	"casement/ipc"
)

type evalResult struct {
	value json.RawMessage
	err   error
	held  int // bytes charged to the page
}

// EvalResult evaluates a script in the window's page and returns its value as JSON: the value of an
// expression, awaited if it is a promise, or the value that a function body returns. A value that
// JSON does not have becomes null. An exception of the script is an *ipc.ScriptError.
//
// EvalResult waits for the window's first page. It returns ipc.ErrPageGone if the page goes before
// the answer, and ipc.ErrUIThread on the UI thread.
func (e *Endpoint) EvalResult(ctx context.Context, script string) (json.RawMessage, error) {
	if e.options.Host.UIThread() {
		return nil, ipc.ErrUIThread
	}
	p, err := e.awaitPage(ctx)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.lastEval++
	id := e.lastEval
	e.mu.Unlock()

	result := make(chan evalResult, 1)
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return nil, ipc.ErrPageGone
	}
	p.evals[id] = result
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.evals, id)
		select {
		case r := <-result: // It came too late.
			p.unhold(r.held)
		default:
		}
	}()

	// A script with a syntax error has no effect at all. So the second form can follow the first,
	// and after both a call that finds out whether either ran. A page's policy may forbid eval, but
	// does not apply to scripts from here.
	at := "__ipc.evaluate(['" + string(p.id) + "'," + strconv.FormatUint(id, 10)
	err = p.outbox.putScripts(
		at+",0])", // From here to the end, a syntax error is not a problem of the page.
		at+",async()=>(\n"+script+"\n)])",
		at+",async()=>{\n"+script+"\n}])",
		at+"])",
	)
	if err != nil {
		return nil, err
	}
	select {
	case r, ok := <-result:
		if !ok {
			return nil, ipc.ErrPageGone
		}
		p.Release(r.held)
		return r.value, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("ipc: evaluating a script: %w", context.Cause(ctx))
	}
}

// evaluated handles the page's answer to an evaluation. The page can answer each evaluation once.
func (p *Page) evaluated(id uint64, failed bool, body []byte) {
	if !failed {
		value, err := codec.NormalizeJSON(body)
		if err != nil {
			p.answer(id, evalResult{err: errors.New("ipc: the page answered with malformed JSON")})
			return
		}
		p.answer(id, evalResult{value: value})
		return
	}
	thrown := struct {
		Message string `json:"message"`
		Details struct {
			Name string `json:"name"`
		} `json:"details"`
	}{}
	if err := json.Unmarshal(body, &thrown); err != nil {
		p.answer(id, evalResult{err: fmt.Errorf("ipc: the page answered with malformed JSON: %w", err)})
		return
	}
	p.answer(id, evalResult{err: &ipc.ScriptError{Name: thrown.Details.Name, Message: thrown.Message}})
}

// answer ends an evaluation, if one still waits.
func (p *Page) answer(id uint64, r evalResult) {
	p.mu.Lock()
	defer p.mu.Unlock()
	result := p.evals[id]
	if result == nil {
		return
	}
	delete(p.evals, id)
	if p.hold(len(r.value)) {
		r.held = len(r.value)
	} else {
		r = evalResult{err: errHeld("evaluate")}
	}
	result <- r // The channel has room for one.
}
