package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"casement/events"
	"casement/internal/windowtest"
	"casement/ipc"
	"casement/shell"
)

// loaded is the timeout of a test, and loadedStep that of a step, on a busy machine.
const (
	loaded     = 4 * time.Minute
	loadedStep = time.Minute
)

// A demo is the app under test.
type demo struct {
	t      *testing.T
	ctx    context.Context
	app    *shell.App
	main   *shell.Window
	config string
	ended  chan error
}

// eachPath runs a test on the native and on the portable path.
func eachPath(t *testing.T, test func(*testing.T, *demo)) {
	for name, portable := range map[string]bool{"native": false, "portable": true} {
		t.Run(name, func(t *testing.T) {
			config := t.TempDir()
			app, window, err := newApp(options{portable: portable, config: config})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), loaded)
			defer cancel()
			d := &demo{t: t, ctx: ctx, app: app, main: window, config: config, ended: make(chan error, 1)}
			go windowtest.OnMain(func() { d.ended <- app.Run(ctx) })
			defer func() {
				app.Quit()
				if err := <-d.ended; err != nil {
					t.Error(err)
				}
			}()
			d.js(window, untilReady)
			test(t, d)
		})
	}
}

func (d *demo) js(w *shell.Window, script string) string {
	d.t.Helper()
	value, err := w.EvalResult(d.ctx, script)
	if err != nil {
		d.t.Fatalf("%s: %v", script, err)
	}
	return string(value)
}

// until waits for an expression to become true in the window's page, or in the next page after a
// reload: a page that goes cannot answer.
func (d *demo) until(w *shell.Window, expression string) {
	d.t.Helper()
	end := time.Now().Add(loadedStep)
	for {
		value, err := w.EvalResult(d.ctx, "Boolean("+expression+")")
		if string(value) == "true" {
			return
		}
		if err != nil && !errors.Is(err, ipc.ErrPageGone) {
			d.t.Fatalf("%s: %v", expression, err)
		}
		if time.Now().After(end) {
			d.t.Fatalf("window %q: waited for %s\n%s", w.Label(), expression, d.js(w, "document.body.innerText"))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (d *demo) xdotool(args ...string) {
	d.t.Helper()
	if out, err := exec.CommandContext(d.ctx, "xdotool", args...).CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %v: %v: %s", args, err, out)
	}
}

// press focuses a window and presses keys.
func (d *demo) press(w *shell.Window, name string, keys ...string) {
	d.t.Helper()
	d.xdotool("search", "--sync", "--onlyvisible", "--name", name, "windowfocus")
	d.js(w, "while (!document.hasFocus()) await new Promise((go) => setTimeout(go, 10)); return 1")
	d.xdotool(append([]string{"key", "--delay", "30"}, keys...)...)
}

// settings waits for the settings window and its page.
func (d *demo) settings() *shell.Window {
	d.t.Helper()
	for d.ctx.Err() == nil {
		if w := d.app.Window(settingsLabel); w != nil {
			d.until(w, "document.body?.dataset.state === 'ready'")
			return w
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.t.Fatal("the settings window is not open")
	return nil
}

// hash hashes a file through the main page.
func (d *demo) hash(path string) {
	d.t.Helper()
	shown, err := hashThroughPage(d.ctx, d.main, path)
	if err != nil || shown.State != "done" {
		d.t.Fatalf("%+v, %v", shown, err)
	}
}

const showsDark = `getComputedStyle(document.body).backgroundColor === 'rgb(28, 28, 32)'`

func TestAChangeInEitherWindowReachesTheOther(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.hash(write(t, "file", 1000))
		d.press(d.main, " – Hasher$", "ctrl+comma")
		settings := d.settings()
		d.until(d.main, "!("+showsDark+")")

		// From the settings to the main window, by keyboard.
		d.js(settings, "document.querySelector('[name=theme]:checked').focus()")
		d.press(settings, settingsTitle, "Right", "Right")
		d.until(d.main, showsDark)
		d.until(settings, showsDark)
		d.until(settings, "document.querySelector('[name=theme][value=dark]').checked")
		d.js(settings, "document.querySelector('[name=group][value=\"16\"]').click()")
		d.until(d.main, "document.querySelectorAll('#digest span').length === 4")

		// And back.
		d.until(settings, "!document.querySelector('[name=uppercase]').checked")
		d.js(d.main, "document.querySelector('#uppercase').click()")
		d.until(settings, "document.querySelector('[name=uppercase]').checked")
		d.until(settings, "document.querySelector('#sample').textContent.startsWith('E3B0C442')")
		d.until(d.main, "document.querySelector('#digest').textContent === document.querySelector('#digest').textContent.toUpperCase()")

		data, err := os.ReadFile(filepath.Join(d.config, "settings.json"))
		var kept Settings
		if err == nil {
			err = json.Unmarshal(data, &kept)
		}
		want := defaultSettings
		want.Theme, want.Group, want.Uppercase = ThemeDark, 16, true
		if err != nil || kept != want {
			t.Errorf("kept: %+v, %v; want %+v", kept, err, want)
		}

		// A window that opens later, and a reloaded page, have the setting at once.
		d.press(settings, settingsTitle, "Escape")
		<-settings.Done()
		d.press(d.main, " – Hasher$", "ctrl+comma")
		settings = d.settings()
		d.until(settings, showsDark)
		d.until(settings, "document.querySelector('[name=theme][value=dark]').checked")
		if err := d.main.Reload(); err != nil {
			t.Fatal(err)
		}
		d.until(d.main, "document.body?.dataset.state === 'idle' && "+showsDark)
	})
}

func TestTheSettingsWindowOpensOnce(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.js(d.main, "for (let i = 0; i < 5; i++) document.querySelector('#open-settings').click()")
		d.settings()
		d.js(d.main, "return __ipc.invoke('open_settings', {})")
		if n := len(d.app.Windows()); n != 2 {
			t.Errorf("there are %d windows", n)
		}
		d.until(d.main, "document.body.dataset.state === 'idle'")
	})
}

func TestARecentFileOpensInTheMainWindowOnly(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		first, second := write(t, "first.bin", 300_000), write(t, "it's \"<b>second\" 日本.bin", 1000)
		d.hash(first)
		d.hash(second)
		d.js(d.main, "document.querySelector('#open-settings').click()")
		settings := d.settings()
		d.js(settings, `
			window.heard = 0;
			__ipc.listen('open-file', () => { window.heard++; });
			document.querySelector('#tab-recent').click();
		`)
		d.until(settings, "document.querySelectorAll('#recent-list button').length === 2")
		d.js(settings, "document.querySelectorAll('#recent-list button')[1].focus()")
		d.press(settings, settingsTitle, "Return")
		script, err := ipc.Scriptf("document.querySelector('#digest').textContent === %v && document.querySelector('#path').value === %v",
			digestOf(t, first), first)
		if err != nil {
			t.Fatal(err)
		}
		d.until(d.main, script)
		d.until(settings, "document.querySelector('#recent-list .recent-name').textContent === 'first.bin'")
		if got := d.js(settings, "window.heard"); got != "0" {
			t.Errorf("the settings window received open-file %s times", got)
		}

		// Switching the history off removes all entries, in both windows and on disk.
		d.js(settings, "document.querySelector('[name=keepHistory]').click()")
		d.until(settings, "document.querySelectorAll('#recent-list button').length === 0")
		d.until(d.main, "document.querySelector('#earlier').hidden")
		if _, err := os.Stat(filepath.Join(d.config, "history.json")); err == nil {
			t.Error("the history file still exists")
		}
		d.js(settings, "__ipc.invoke('open_recent', { path: '/etc/shadow' }).then(() => { throw 'opened' }, () => 0)")
	})
}

func TestTheLogShowsWhatEverybodyIsTold(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.js(d.main, "document.querySelector('#open-settings').click()")
		settings := d.settings()
		d.js(settings, "document.querySelector('#tab-events').click()")
		path := write(t, "logged.bin", 1000)
		d.hash(path)
		if err := openFile.EmitFilter(d.app, path, func(target events.Target) bool { return target.Label == mainLabel }); err != nil {
			t.Fatal(err)
		}
		d.js(settings, "document.querySelector('[name=theme][value=light]').click()")
		rows := func() [][]string {
			var rows [][]string
			text := d.js(settings, "[...document.querySelectorAll('#log-rows tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
			if err := json.Unmarshal([]byte(text), &rows); err != nil {
				t.Fatal(err)
			}
			return rows
		}
		for _, want := range []struct{ name, from, to, payload string }{
			{"ready", "settings", "all", ""},
			{"settings-update", "Go", "all", `"theme":"system"`},
			{"theme-changed", "Go", "all", `"light"`},
			{"recent-update", "Go", "settings", "logged.bin"},
			{"hash-started", "Go", "all", "logged.bin"},
			{"hash-done", "Go", "all", digestOf(t, path)},
			{"open-file", "Go", "main", "logged.bin"},
		} {
			found := func() bool {
				for _, row := range rows() {
					if row[1] == want.name && row[2] == want.from && row[3] == want.to && strings.Contains(row[4], want.payload) {
						return true
					}
				}
				return false
			}
			for end := time.Now().Add(loadedStep); !found(); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("no row like %+v in %q", want, rows())
				}
			}
		}

		d.js(settings, "document.querySelector('#log-pause').click()")
		before := len(rows())
		d.hash(path)
		d.until(settings, "/^Paused, [2-9]/.test(document.querySelector('#log-count').textContent)")
		if after := len(rows()); after != before {
			t.Errorf("while paused, rows grew from %d to %d", before, after)
		}
		d.js(settings, "document.querySelector('#log-pause').click()")
		d.until(settings, "document.querySelectorAll('#log-rows tr').length > 0 && !document.querySelector('#log-count').textContent.startsWith('Paused')")
		d.js(settings, "document.querySelector('#log-clear').click()")
		d.until(settings, "document.querySelectorAll('#log-rows tr').length === 0")
		for range 1000 {
			if err := hashStarted.Emit(d.app, HashStarted{Path: "/many"}); err != nil {
				t.Fatal(err)
			}
		}
		d.until(settings, "document.querySelectorAll('#log-rows tr').length === 500")
	})
}

func TestTheTitleSaysWhatTheWindowDoes(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.hash(write(t, "titled.bin", 1000))
		d.xdotool("search", "--sync", "--onlyvisible", "--name", "^titled.bin, hashed – Hasher$")
	})
}

func TestClosingTheMainWindowEndsTheApp(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		d.js(d.main, "document.querySelector('#open-settings').click()")
		d.settings()
		if err := d.main.Close(); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-d.ended:
			d.ended <- err
		case <-d.ctx.Done():
			t.Error("the app did not end")
		}
	})
}

// At one report a second, nearly all chunks go unreported. If the setting had no effect, there
// would be as many reports as before.
func TestTheSettingsSayHowOftenProgressIsTold(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		path := write(t, "large.bin", 0)
		if err := os.Truncate(path, 600<<20); err != nil {
			t.Fatal(err)
		}
		chunks := func(reports int) (reported int, seconds float64) {
			script, err := ipc.Scriptf(`
				let reported = 0;
				await __ipc.invoke('save_settings', { reports: %v });
				const onEvent = __ipc.channel((message) => { reported += message.event === 'chunk'; });
				const { seconds } = await __ipc.invoke('hash_file', { path: %v, onEvent });
				return [reported, seconds];
			`, reports, path)
			if err != nil {
				t.Fatal(err)
			}
			var got [2]float64
			if err := json.Unmarshal([]byte(d.js(d.main, script)), &got); err != nil {
				t.Fatal(err)
			}
			return int(got[0]), got[1]
		}
		if reported, seconds := chunks(60); reported < 3 || float64(reported) > 60*seconds+1 {
			t.Errorf("at 60 a second, %d reports in %.2f s", reported, seconds)
		}
		if reported, seconds := chunks(1); float64(reported) > seconds {
			t.Errorf("at 1 a second, %d reports in %.2f s", reported, seconds)
		}
	})
}

func TestARecentFileIsRefusedWhileAnotherIsHashed(t *testing.T) {
	eachPath(t, func(t *testing.T, d *demo) {
		path := write(t, "large.bin", 1)
		d.hash(path)
		if err := os.Truncate(path, 8<<30); err != nil {
			t.Fatal(err)
		}
		d.js(d.main, "document.querySelector('#hash').click(); document.querySelector('#open-settings').click()")
		settings := d.settings()
		d.until(settings, "document.querySelectorAll('#recent-list button').length === 1")
		d.js(settings, "document.querySelector('#tab-recent').click(); document.querySelector('#recent-list button').click()")
		d.until(settings, "document.querySelector('#problem').textContent.startsWith('Another file is being hashed')")
		d.js(d.main, "document.querySelector('#cancel').click()")
		d.until(d.main, "document.body.dataset.state === 'cancelled'")
	})
}
