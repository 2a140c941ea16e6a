package webview

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	webviewgo "github.com/webview/webview_go"

	"casement/internal/origin"
)

// webviewMu is held during every Dispatch and Bind of webview_go in this process: both read a
// global index after they have unlocked it, so concurrent calls lose functions or crash. It also
// guards portable.anchor.
var webviewMu sync.Mutex

const (
	// politePause is the delay before the next slice of a full queue on the portable path. Windows
	// handles posted messages before input and painting, so without a delay both would starve. With
	// 1 ms, a page's message is 4 ms late at worst (BenchmarkMessagesUnderLoad), and the queue
	// takes 6 % longer to drain than on the native path.
	politePause = time.Millisecond
	// closePoll is how often the loop looks for windows that the user has closed: webview_go
	// reports only the last one. A person doesn't notice a fifth of a second, and five calls a
	// second cost nothing.
	closePoll = 200 * time.Millisecond
)

// portable is the backend that uses the Go API of webview_go alone.
//
// Two properties of webview_go shape it. Run returns when the user closes the last window. Destroy
// serves events until all dispatched functions have run, which on macOS never happens inside one of
// them. So run is a loop around webview_go's Run. It destroys windows between two Runs, with no
// function of ours on the stack, and runs posted functions itself while there is no window.
type portable struct {
	loop    *Loop
	anchor  webviewgo.WebView // receives all Dispatch calls: any view that is not destroyed, or nil
	kick    chan struct{}     // receives wake-ups while anchor is nil
	views   []*portableView   // not destroyed yet
	ending  bool              // Terminate was called
	servers []*assetServer
	done    chan struct{} // closed when run returns
}

func newPortable(l *Loop) *portable {
	return &portable{loop: l, kick: make(chan struct{}, 1), done: make(chan struct{})}
}

func (p *portable) wake(polite bool) {
	if polite {
		time.AfterFunc(politePause, p.dispatch)
		return
	}
	p.dispatch()
}

func (p *portable) dispatch() {
	webviewMu.Lock()
	defer webviewMu.Unlock()
	if p.anchor != nil {
		p.anchor.Dispatch(p.loop.queue.drain)
		return
	}
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

func (p *portable) run() {
	p.loop.tasks.Go(p.watch)
	for {
		p.bury()
		if len(p.views) > 0 {
			p.loop.queue.rewake()
			p.views[0].wrapper.Run()
			p.ending = false
			continue
		}
		if p.loop.stopped {
			break
		}
		<-p.kick
		p.loop.queue.drain()
	}
	close(p.done)
}

// watch posts look every closePoll.
func (p *portable) watch() {
	t := time.NewTicker(closePoll)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			p.loop.Post(p.look)
		case <-p.done:
			return
		}
	}
}

// look ends the windows that the user has closed.
func (p *portable) look() {
	for _, v := range p.views {
		if !v.doomed && v.wrapper.Window() == nil {
			v.destroy()
			v.window.gone()
		}
	}
}

// bury destroys the windows that are ready for it. No function of ours may be on the stack.
func (p *portable) bury() {
	p.look()
	ready := func(v *portableView) bool { return v.ready }
	dead := slices.DeleteFunc(slices.Clone(p.views), func(v *portableView) bool { return !v.ready })
	p.views = slices.DeleteFunc(p.views, ready)
	webviewMu.Lock()
	p.anchor = nil
	if len(p.views) > 0 {
		p.anchor = p.views[0].wrapper
	}
	webviewMu.Unlock()
	for _, v := range dead {
		v.wrapper.Destroy()
	}
	if len(dead) > 0 && len(p.views) == 0 {
		p.loop.queue.rewake()
	}
}

// stop cancels all dialogs, because webview_go's Run can't return before their event loops do. It
// need not end Run: closing the windows does, and without a window Run is not running.
func (p *portable) stop() { answerDialogs(nil) }

func (p *portable) free() {
	for _, s := range p.servers {
		s.server.close()
	}
}

// portableView is a window of webview_go.
type portableView struct {
	portable *portable
	window   *Window
	wrapper  webviewgo.WebView
	fixed    bool
	doomed   bool // closed by either side
	ready    bool // for bury: webview_go has no dispatched function left for it
	leave    func()
}

// The page calls posted, which calls bound, the function that webview_go binds. In between, the
// shim escapes U+007F, which webview_go's JSON scanner takes for the end of the message. It also
// accepts webview_go's answers to messages of an earlier document, which would be script errors in
// this one.
const (
	posted = "__casement_post"
	bound  = "__casement_bound"
	shim   = `(()=>{const post=window.` + bound + `;if(post)window.` + posted +
		`=text=>{post(String(text).replace(/[%\x7f]/g,c=>c==='%'?'%25':'%7F'))};` +
		`const none={resolve(){},reject(){}};if(window._rpc)Object.setPrototypeOf(window._rpc,new Proxy({},{get:()=>none}))})()`
)

var unescape = strings.NewReplacer("%25", "%", "%7F", "\x7f")

func (p *portable) open(w *Window, o WindowOptions) (view, error) {
	first, leave := o.URL, func() {}
	var workers string
	if first == "" {
		s, err := p.serve(o.Assets)
		if err != nil {
			return nil, err
		}
		w.origin = origin.Origin(s.origin)
		first, leave = s.admit(o.Path)
		workers = dismiss(s.origin, first)
	}
	beforeNew()
	wrapper := webviewgo.New(p.loop.opts.Debug)
	if !created(wrapper) {
		leave()
		return nil, errors.New("webview_go could not make a window")
	}
	v := &portableView{portable: p, window: w, wrapper: wrapper, fixed: o.Fixed, leave: leave}
	afterNew(p.loop)

	v.setTitle(o.Title)
	if o.MinWidth > 0 || o.MinHeight > 0 {
		wrapper.SetSize(o.MinWidth, o.MinHeight, webviewgo.HintMin)
	}
	v.setSize(o.Width, o.Height)
	webviewMu.Lock()
	err := wrapper.Bind(bound, v.message)
	if p.anchor == nil {
		p.anchor = wrapper
	}
	webviewMu.Unlock()
	p.views = append(p.views, v)
	if err != nil { // impossible: v.message has no result
		v.destroy()
		return nil, err
	}
	wrapper.Init(shim)
	if workers != "" {
		wrapper.Init(workers)
	}
	if o.Script != "" {
		wrapper.Init(o.Script)
	}
	wrapper.Navigate(first)
	return v, nil
}

func (p *portable) origin(o WindowOptions) (string, error) {
	s, err := p.serve(o.Assets)
	if err != nil {
		return "", err
	}
	return s.origin, nil
}

// created reports whether webview_go's New made a window. New returns no error: on failure it wraps
// a nil handle, and any call would crash.
func created(w webviewgo.WebView) bool {
	handle := reflect.ValueOf(w).Elem().Field(0)
	return !handle.IsNil() && w.Window() != nil
}

func (v *portableView) message(text string) {
	if v.doomed || v.window.on.Message == nil {
		return
	}
	v.window.on.Message([]byte(unescape.Replace(text)))
}

// open reports whether the window still exists. The user may have closed it a moment ago.
func (v *portableView) open() bool { return !v.doomed && v.wrapper.Window() != nil }

func (v *portableView) trusted() bool { return false }

func (v *portableView) eval(script []byte) {
	if v.open() {
		v.wrapper.Eval(string(script))
	}
}

func (v *portableView) url() string { return "" }

func (v *portableView) navigate(url string) {
	if v.open() {
		v.wrapper.Navigate(url)
	}
}

func (v *portableView) reload() { v.eval([]byte("location.reload()")) }

func (v *portableView) setTitle(title string) {
	if v.open() {
		v.wrapper.SetTitle(cmp.Or(title, v.portable.loop.opts.Name))
	}
}

func (v *portableView) setSize(w, h int) {
	if !v.open() {
		return
	}
	hint := webviewgo.Hint(webviewgo.HintNone)
	if v.fixed {
		hint = webviewgo.HintFixed
	}
	v.wrapper.SetSize(w, h, hint)
}

// focus runs a script: webview_go has no call for it.
func (v *portableView) focus() { v.eval([]byte("window.focus()")) }

// destroy marks the window for bury. Replies to messages that webview_go has already dispatched
// must run first, because on Windows they would use the view after it is freed. The function that
// destroy dispatches runs after them.
func (v *portableView) destroy() {
	if v.doomed {
		return
	}
	if w := v.wrapper.Window(); w != nil {
		answerDialogs(w)
		_ = v.wrapper.Unbind(bound) // no more messages, so no more replies
	}
	v.doomed = true
	v.leave()
	webviewMu.Lock()
	defer webviewMu.Unlock()
	v.wrapper.Dispatch(func() {
		v.ready = true
		if !v.portable.ending {
			v.portable.ending = true
			v.wrapper.Terminate()
		}
	})
}

func (p *portable) pickFile(_ *Window, title string, d *dialog) (remove func()) {
	return pickFile(p.loop, title, d)
}
