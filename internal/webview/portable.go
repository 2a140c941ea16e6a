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

// webviewMu is held around every Dispatch and Bind of webview_go, in this process: both read a global index after they have
// unlocked it, and so lose functions or crash when called from several goroutines. It also guards portable.anchor.
var webviewMu sync.Mutex

const (
	// politePause is how long a backlog's next slice waits on the portable path. Windows handles posted messages before
	// input and painting, so posting again at once would starve both; with 1 ms, BenchmarkMessagesDuringABacklog has a page's
	// message 4 ms late at worst, and the backlog takes 6 % longer than natively.
	politePause = time.Millisecond
	// closePoll is how often windows are looked at for one that the user has closed, which webview_go doesn't tell unless it
	// was the last. A person does not notice a fifth of a second, and five calls a second cost nothing.
	closePoll = 200 * time.Millisecond
)

// portable is the backend that uses only webview_go's Go API.
//
// Two of webview_go's habits shape it. Run ends with the last window that the user closes; Destroy serves events until
// what was dispatched before is done, which on macOS never happens inside a dispatched function. So run is a loop around
// webview_go's Run: a window is destroyed only between two Runs, with no function of ours on the stack, and while there is
// no window at all posted functions are run from Go.
type portable struct {
	loop    *Loop
	anchor  webviewgo.WebView // what is dispatched to: any that is not destroyed yet
	kick    chan struct{}     // a wake-up while there is none
	views   []*portableView   // not destroyed yet
	ending  bool              // webview_go's Run has been told to return
	servers []*assetServer
	done    chan struct{} // run has returned
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

// watch has windows looked at now and then.
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

// look finds the windows that the user has closed.
func (p *portable) look() {
	for _, v := range p.views {
		if !v.doomed && v.wrapper.Window() == nil {
			v.destroy()
			v.window.gone()
		}
	}
}

// bury destroys windows that are done with. No function of ours is on the stack.
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

// stop answers what is left of dialogs, whose event loops webview_go's Run has to wait for. Closing the windows ends that, and
// without one it is a posted function that asks to stop.
func (p *portable) stop() { answerDialogs(nil) }

func (p *portable) free() {
	for _, s := range p.servers {
		s.close()
	}
}

// portableView is a window of webview_go's.
type portableView struct {
	portable *portable
	window   *Window
	wrapper  webviewgo.WebView
	fixed    bool
	doomed   bool // closed by either side
	ready    bool // to be destroyed: nothing that webview_go dispatched for it waits any more
	leave    func()
}

// posted is what the page calls; bound is what webview_go binds. Between the two, U+007F is spelled out, which webview_go's
// JSON scanner takes for the end of the message. webview_go answers a document for what the one before it has posted, and
// finds nothing that it could settle there: that is no error of the page's.
const (
	posted = "__casement_post"
	bound  = "__casement_bound"
	shim   = `(()=>{const post=window.` + bound + `;if(post)window.` + posted +
		`=text=>{post(String(text).replace(/[%\x7f]/g,c=>c==='%'?'%25':'%7F'))};` +
		`const none={resolve(){},reject(){}};if(window._rpc)Object.setPrototypeOf(window._rpc,new Proxy({},{get:()=>none}))})()`
)

var spelled = strings.NewReplacer("%25", "%", "%7F", "\x7f")

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
	if err != nil { // can't be: it is a function with no result
		v.destroy()
		return nil, err
	}
	wrapper.Init(shim)
	if workers != "" {
		wrapper.Init(workers)
	}
	if o.Init != nil {
		wrapper.Init(o.Init(w.Origin()))
	}
	wrapper.Navigate(first)
	return v, nil
}

// created tells whether New made a window. It has no error to return: the handle that it wraps is nil then, and any call
// would follow that.
func created(w webviewgo.WebView) bool {
	handle := reflect.ValueOf(w).Elem().Field(0)
	return !handle.IsNil() && w.Window() != nil
}

func (v *portableView) message(text string) {
	if v.doomed || v.window.on.Message == nil {
		return
	}
	v.window.on.Message([]byte(spelled.Replace(text)))
}

// open tells whether webview_go still has the window, which the user may have closed a moment ago.
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

// focus asks the page: webview_go has no call for it.
func (v *portableView) focus() { v.eval([]byte("window.focus()")) }

// destroy marks the window for bury. Replies to messages that webview_go has dispatched already must run first, since on
// Windows they would find the view gone: the function dispatched here runs after them.
func (v *portableView) destroy() {
	if v.doomed {
		return
	}
	if w := v.wrapper.Window(); w != nil {
		answerDialogs(w)
		_ = v.wrapper.Unbind(bound) // no more messages, and so no more replies
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
