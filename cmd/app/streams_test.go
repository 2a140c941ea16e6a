//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"casement/ipc"
	"casement/shell"
)

var (
	mainName    = "^" + title + "$"
	processName = processTitle + "$"
	pictureName = pictureTitle + "$"
)

// window waits for the window with this label, and for its page to reach one of the states.
func (d *demo) window(label ipc.Label, states ...string) *shell.Window {
	d.t.Helper()
	script, err := ipc.Scriptf("%v.includes(document.body?.dataset.state)", states)
	if err != nil {
		d.t.Fatal(err)
	}
	for d.ctx.Err() == nil {
		if w := d.app.Window(label); w != nil {
			d.until(w, script)
			return w
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.t.Fatalf("no window %q in such a state", label)
	return nil
}

// process opens the process window by keyboard.
func (d *demo) process() *shell.Window {
	d.t.Helper()
	d.js(d.main, "document.querySelector('#open-process').focus()")
	d.press(d.main, mainName, "Return")
	return d.window(processLabel, "ready")
}

// start fills in a command, presses Enter and returns the process's id.
func (d *demo) start(w *shell.Window, command string) int {
	d.t.Helper()
	fill, err := ipc.Scriptf("document.querySelector('#command').value = %v; document.querySelector('#command').focus()", command)
	if err != nil {
		d.t.Fatal(err)
	}
	d.js(w, fill)
	d.press(w, processName, "Return")
	d.until(w, "/^Running as process \\d+$/.test(document.querySelector('#status').textContent)")
	pid, err := strconv.Atoi(d.js(w, "Number(document.querySelector('#status').textContent.replace(/\\D/g, ''))"))
	if err != nil {
		d.t.Fatal(err)
	}
	return pid
}

// made returns the count of Go's last report, after this number of further reports.
func (d *demo) made(w *shell.Window, reports int) string {
	d.t.Helper()
	script, err := ipc.Scriptf(`
		const made = document.querySelector('#made');
		let left = %v;
		await new Promise((enough) => {
			if (left === 0) enough();
			new MutationObserver((changes) => { if ((left -= changes.length) <= 0) enough(); })
				.observe(made, { attributes: true });
		});
		return made.value;
	`, reports)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.js(w, script)
}

// frozen waits until a producer is blocked for heldReports reports while its page does not read. On
// a busy machine a producer may look blocked before its stream is full.
func (d *demo) frozen(w *shell.Window) string {
	d.t.Helper()
	var before string
	eventually(d.t, "the producer to stand still", func() bool {
		d.until(w, "document.body.dataset.pace === 'held'")
		before = d.made(w, 0)
		return d.made(w, heldReports) == before
	})
	return strings.Trim(before, `"`)
}

// stopped waits until a process no longer writes while its page does not read. A process that is
// about to fill its pipe writes once more, when a busy machine lets it.
func (d *demo) stopped(w *shell.Window, pid int) {
	d.t.Helper()
	before := written(d.t, pid)
	for range 50 {
		d.frozen(w)
		after := written(d.t, pid)
		if after == before {
			return
		}
		before = after
	}
	d.t.Error("the process still writes")
}

func TestPausingTheOutputStopsTheProcess(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		w := d.process()
		d.xdotool("search", "--sync", "--onlyvisible", "--name", processName, "windowfocus")
		d.until(w, "document.hasFocus() && document.activeElement.id === 'command'")
		d.xdotool("type", "--delay", "5", "exec yes")
		d.until(w, "document.querySelector('#command').value === 'exec yes'")
		d.press(w, processName, "Return")
		d.until(w, "document.querySelectorAll('#rows .stdout').length > 10")
		d.until(w, "document.querySelector('#lines-count').textContent.startsWith('Last 5,000 of ')")
		pid, err := strconv.Atoi(d.js(w, "Number(document.querySelector('#status').textContent.replace(/\\D/g, ''))"))
		if err != nil {
			t.Fatal(err)
		}

		d.js(w, "document.querySelector('#pause').focus()")
		d.press(w, processName, "space")
		made := d.frozen(w)
		d.stopped(w, pid)
		if text := d.js(w, "document.querySelector('#pause').textContent"); text != `"Resume"` {
			t.Errorf("the button shows %s", text)
		}

		d.press(w, processName, "space")
		d.until(w, "document.querySelector('#made').value > "+made+" + 4_000_000 && document.body.dataset.pace === 'flowing'")
		d.press(w, processName, "space")
		d.frozen(w)

		// A paused process can be stopped without resuming it.
		d.press(w, processName, "Escape")
		d.until(w, "document.body.dataset.state === 'ended'")
		if text := d.js(w, "document.querySelector('#status').textContent"); !strings.HasSuffix(text, `ended by a signal: terminated"`) {
			t.Errorf("the status is %s", text)
		}
		if alive(pid) {
			t.Error("yes is still running")
		}
		// Everything that Go has read has arrived.
		d.until(w, "document.querySelector('#ahead').textContent === 'none in transit'")
	})
}

func TestTheProcessWindowShowsBothStreamsAndTheExitStatus(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		w := d.process()
		d.start(w, `sleep 0.3; echo "it's <b>"; printf '\377\n' >&2; exit 3`)
		d.until(w, "document.body.dataset.state === 'ended'")
		for _, want := range []string{
			"document.querySelector('#rows .stdout').textContent === \"it's <b>\\n\"",
			"document.querySelector('#rows .stderr').textContent === '\\uFFFD\\n'",
			"document.querySelector('#status').textContent.startsWith('Exited with code 3 after ')",
			"document.body.dataset.outcome === 'bad'",
			"getComputedStyle(document.querySelector('#rows .stderr')).color !== getComputedStyle(document.querySelector('#rows .stdout')).color",
			// The view gives a row this height.
			"document.querySelector('#rows p').getBoundingClientRect().height === 18",
		} {
			d.until(w, want)
		}
		d.xdotool("search", "--sync", "--onlyvisible", "--name", `, ended – `+processName)
	})
}

// Lines that disappear at the top must not move the text for a user who has scrolled up.
func TestTheOutputFollowsItsEndUnlessOneReadsAbove(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		w := d.process()
		more := filepath.Join(t.TempDir(), "more")
		d.start(w, "seq 1 4900; while [ ! -e '"+more+"' ]; do sleep 0.05; done; seq 4901 9000; sleep 1000")
		const (
			last = "[...document.querySelectorAll('#rows p')].at(-1)?.textContent.trim()"
			top  = `
				const box = document.querySelector('#lines').getBoundingClientRect();
				return [...document.querySelectorAll('#rows p')]
					.find((row) => row.getBoundingClientRect().bottom > box.top).textContent.trim();
			`
		)
		d.until(w, last+" === '4900'")
		d.js(w, "document.querySelector('#lines').scrollTop = 18 * 4500")
		d.until(w, "!document.querySelector('#lines-end').hidden && "+last+" !== '4900'")
		reading := d.js(w, top)
		if err := os.WriteFile(more, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d.until(w, "document.querySelector('#lines-count').textContent === 'Last 5,000 of 9,000 lines'")
		if now := d.js(w, top); now != reading {
			t.Errorf("line %s was at the top, then %s", reading, now)
		}
		d.js(w, "document.querySelector('#lines-end').focus()")
		d.press(w, processName, "Return")
		d.until(w, last+" === '9000' && document.querySelector('#lines-end').hidden")
	})
}

func TestAProcessEndsWithItsPage(t *testing.T) {
	ends := map[string]func(*demo, *shell.Window){
		"close":  func(d *demo, w *shell.Window) { d.press(w, processName, "ctrl+w") },
		"reload": func(d *demo, w *shell.Window) { _ = w.Reload() },
		"quit":   func(d *demo, _ *shell.Window) { d.app.Quit() },
		"leave":  func(d *demo, w *shell.Window) { _ = w.Navigate("/settings.html") },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			eachPath(t, func(t *testing.T, d *demo) {
				w := d.process()
				leader := d.start(w, "sleep 1000 & echo $!; sh -c 'sleep 1001 & echo $!; wait' & wait")
				d.until(w, "document.querySelectorAll('#rows .stdout').length === 2")
				all := []int{leader}
				text := d.js(w, "[...document.querySelectorAll('#rows .stdout')].map((row) => row.textContent.trim()).join(' ')")
				for _, field := range strings.Fields(strings.Trim(text, `"`)) {
					pid, err := strconv.Atoi(field)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, pid)
				}
				for _, pid := range all {
					if !alive(pid) {
						t.Errorf("process %d never ran", pid)
					}
				}
				end(d, w)
				for _, pid := range all {
					eventually(t, fmt.Sprintf("process %d to be gone", pid), func() bool { return !alive(pid) })
				}
				eventually(t, "the command to return", func() bool { return !runs("runProcess") })
			})
		})
	}
}

// runs reports whether a goroutine is in one of the package's functions.
func runs(function string) bool {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Contains(string(stacks), "casement/cmd/app."+function+"(")
}

func TestThePictureMovesAndPausingItStopsThePainter(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.js(d.main, "document.querySelector('#open-picture').focus()")
		d.press(d.main, mainName, "Return")
		w := d.window(pictureLabel, "live")
		d.until(w, "document.querySelector('#made').value >= 5")
		const colours = `
			const canvas = document.querySelector('#picture');
			const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
			return new Set(new Uint32Array(data.buffer)).size;
		`
		if n, err := strconv.Atoi(d.js(w, colours)); err != nil || n < 100 {
			t.Errorf("the picture has %d colours, %v", n, err)
		}

		d.js(w, "document.querySelector('#pause').focus()")
		d.press(w, pictureName, "space")
		made := d.frozen(w)
		shown := d.js(w, "document.querySelector('#frame').textContent")
		d.frozen(w)
		if now := d.js(w, "document.querySelector('#frame').textContent"); now != shown {
			t.Errorf("%s was shown, then %s", shown, now)
		}
		d.press(w, pictureName, "space")
		d.until(w, "document.querySelector('#made').value > "+made+" + 5")

		// A click goes to Go over a stream of its own.
		d.js(w, `
			const canvas = document.querySelector('#picture');
			const { left, top, width, height } = canvas.getBoundingClientRect();
			for (const share of [0.1, 0.9]) {
				canvas.dispatchEvent(new MouseEvent('click', { clientX: left + width * share, clientY: top + height * share }));
			}
		`)
		was := d.made(w, 0)
		d.until(w, "document.querySelector('#made').value > Number("+was+") + 5 && document.querySelector('#problem').hidden")

		if !runs("drawPicture") {
			t.Error("nothing is painted, so the test proves nothing")
		}
		d.press(w, pictureName, "ctrl+w")
		<-w.Done()
		eventually(t, "the painter to end", func() bool { return !runs("drawPicture") && !runs("draw") })
		d.until(d.main, "document.body.dataset.state === 'idle'")
	})
}

// A window that closes while the picture is paused must not leave the painter waiting.
func TestClosingAPausedPictureEndsThePainter(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.js(d.main, "document.querySelector('#open-picture').click()")
		w := d.window(pictureLabel, "live")
		d.js(w, "document.querySelector('#pause').click()")
		d.frozen(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the painter to end", func() bool { return !runs("drawPicture") && !runs("draw") })
	})
}
