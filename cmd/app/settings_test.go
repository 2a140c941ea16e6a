package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"casement/ipc"
)

func ptr[T any](v T) *T { return &v }

func nobody(Settings, Settings) {}

func TestSettingsComeBackFromTheirFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "settings.json")
	p, err := openPreferences(path)
	if err != nil || p.now() != defaultSettings {
		t.Fatalf("without a file: %+v, %v", p.now(), err)
	}
	changes := []SettingsChange{
		{Theme: ptr(ThemeDark)}, {Group: ptr(0)}, {Uppercase: ptr(true)}, {Reports: ptr(1)}, {KeepHistory: ptr(false)},
	}
	for _, c := range changes {
		if _, err := p.change(c, nobody); err != nil {
			t.Fatal(err)
		}
	}
	want := Settings{Theme: ThemeDark, Uppercase: true, Reports: 1}
	if p.now() != want {
		t.Errorf("current: %+v, want %+v", p.now(), want)
	}
	again, err := openPreferences(path)
	if err != nil || again.now() != want {
		t.Errorf("read again: %+v, %v; want %+v", again.now(), err, want)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
}

func TestADamagedSettingsFileGivesTheDefaultsAndIsSetAside(t *testing.T) {
	for name, content := range map[string]string{
		"empty":           "",
		"cut off":         `{"theme": "dark", "gro`,
		"binary":          "\x00\xff\x00",
		"trailing":        `{"theme": "dark"} x`,
		"another type":    `{"theme": 7}`,
		"an array":        `[]`,
		"a bad theme":     `{"theme": "pink"}`,
		"no such group":   `{"group": 3}`,
		"too many":        `{"reports": 1000000}`,
		"none at all":     `{"reports": 0}`,
		"past an integer": `{"reports": 1e99}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "settings.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := openPreferences(path)
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one that names the file", err)
			}
			if p.now() != defaultSettings || p.problem == "" {
				t.Errorf("current: %+v, problem %q", p.now(), p.problem)
			}
			if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != content {
				t.Errorf("set aside: %q, %v", kept, err)
			}
			if _, err := p.change(SettingsChange{Theme: ptr(ThemeLight)}, nobody); err != nil {
				t.Error(err)
			}
			if again, err := openPreferences(path); err != nil || again.now().Theme != ThemeLight {
				t.Errorf("after a change: %+v, %v", again.now(), err)
			}
		})
	}
}

func TestASettingsFileOfAnotherVersionKeepsWhatIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(`{"uppercase": true, "later": [1]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	want := defaultSettings
	want.Uppercase = true
	if p, err := openPreferences(path); err != nil || p.now() != want {
		t.Errorf("%+v, %v; want %+v", p.now(), err, want)
	}
}

func TestABadChangeIsRefusedAndNamesItsField(t *testing.T) {
	for field, c := range map[string]SettingsChange{
		"theme":   {Theme: ptr(Theme("pink"))},
		"group":   {Group: ptr(-1), Uppercase: ptr(true)},
		"reports": {Reports: ptr(61)},
	} {
		p, _ := openPreferences("")
		_, err := p.change(c, func(Settings, Settings) { t.Error("the change was announced") })
		var failure *ipc.Error
		if !errors.As(err, &failure) || failure.Details != (Invalid{Field: field}) {
			t.Errorf("%s: error %v", field, err)
		}
		if p.now() != defaultSettings {
			t.Errorf("%s: current: %+v", field, p.now())
		}
	}
}

func TestWhatCannotBeSavedIsNotInForce(t *testing.T) {
	blocked := filepath.Join(write(t, "file", 1), "settings.json")
	p, _ := openPreferences(blocked)
	_, err := p.change(SettingsChange{Uppercase: ptr(true)}, func(Settings, Settings) { t.Error("the change was announced") })
	if err == nil || p.now() != defaultSettings {
		t.Errorf("error %v, current: %+v", err, p.now())
	}
}

func TestChangesAreToldOnceEachAndInOrder(t *testing.T) {
	p, _ := openPreferences("")
	last := p.now()
	announced := func(from, to Settings) {
		if from != last {
			t.Errorf("announced a change from %+v after one to %+v", from, last)
		}
		last = to
	}
	done := make(chan error)
	for i := range 8 {
		go func() {
			var err error
			for n := range 100 {
				_, failure := p.change(SettingsChange{Reports: ptr((i*100+n)%maxReports + 1)}, announced)
				err = errors.Join(err, failure)
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if last != p.now() {
		t.Errorf("announced last: %+v, current: %+v", last, p.now())
	}
	if _, err := p.change(SettingsChange{}, func(Settings, Settings) { t.Error("an empty change was announced") }); err != nil {
		t.Error(err)
	}
}

func TestRecentFilesAreKeptNewestFirstEachOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.json")
	r, err := openRecents(path)
	if err != nil {
		t.Fatal(err)
	}
	always := func() bool { return true }
	var announced []Recent
	announce := func(files []Recent) { announced = files }
	for i := range 2 * maxRecents {
		name := string(rune('a' + i%(maxRecents+2)))
		if err := r.add(Digest{Path: name, Bytes: int64(i)}, always, announce); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.add(Digest{Path: "unwanted"}, func() bool { return false }, announce); err != nil {
		t.Error(err)
	}
	again, err := openRecents(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, file := range again.list() {
		if file != announced[i] || seen[file.Path] || file.Path == "unwanted" {
			t.Errorf("%d: %+v, announced %+v", i, file, announced[i])
		}
		seen[file.Path] = true
	}
	if len(seen) != maxRecents {
		t.Errorf("%d files are kept, want %d", len(seen), maxRecents)
	}
	if err := r.clear(announce); err != nil || len(announced) != 0 || announced == nil {
		t.Errorf("cleared: announced %v, %v", announced, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file still exists")
	}
}

func TestADamagedFileIsLoggedAndTheProgramRuns(t *testing.T) {
	config := t.TempDir()
	path := filepath.Join(config, about.ID, "settings.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program(t)
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+config)
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("xdotool", "search", "--sync", "--onlyvisible", "--name", title).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &stderr)
	}
	for _, want := range []string{"the defaults apply", path, "settings.json.damaged"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("logged %q, want something about %q", &stderr, want)
		}
	}
}
