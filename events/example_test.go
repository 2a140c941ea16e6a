package events_test

import (
	"fmt"

	"casement/events"
)

func ExampleBus() {
	bus, _ := events.New(nil)
	_, _ = bus.Listen("download-started", func(e events.Event) {
		fmt.Printf("%s: %s\n", e.Name, e.Payload())
	})
	_, _ = bus.ListenAny("settings-update", func(e events.Event) {
		fmt.Printf("%s: %s\n", e.Name, e.Payload())
	})
	_ = bus.Emit("download-started", "https://example.com/a.zip")
	_ = bus.EmitTo("settings", "settings-update", map[string]string{"key": "theme", "value": "dark"})
	// Output:
	// download-started: "https://example.com/a.zip"
	// settings-update: {"key":"theme","value":"dark"}
}

func ExampleBus_EmitFilter() {
	bus, shell := events.New(nil)
	shell.OpenWindow("main")
	shell.OpenWindow("settings")
	_, _ = bus.ListenWindow("main", "open-file", func(e events.Event) { fmt.Printf("main: %s\n", e.Payload()) })
	_, _ = bus.ListenWindow("settings", "open-file", func(e events.Event) { fmt.Printf("settings: %s\n", e.Payload()) })
	_ = bus.EmitFilter("open-file", "/tmp/a.txt", func(t events.Target) bool { return t.Label == "main" })
	// Output: main: "/tmp/a.txt"
}

func ExampleBus_Once() {
	bus, _ := events.New(nil)
	_, _ = bus.Once("ready", func(events.Event) { fmt.Println("ready") })
	_ = bus.Emit("ready", nil)
	_ = bus.Emit("ready", nil)
	// Output: ready
}

func ExampleBus_Unlisten() {
	bus, _ := events.New(nil)
	id, _ := bus.Listen("tick", func(events.Event) { fmt.Println("tick") })
	_ = bus.Emit("tick", nil)
	fmt.Println(bus.Unlisten(id), bus.Unlisten(id))
	_ = bus.Emit("tick", nil)
	// Output:
	// tick
	// true false
}

func ExampleRetain() {
	bus, _ := events.New(nil)
	_ = bus.Emit("theme", "light", events.Retain())
	_ = bus.Emit("theme", "dark", events.Retain())
	_, _ = bus.Listen("theme", func(e events.Event) { fmt.Printf("%s\n", e.Payload()) })
	// Output: "dark"
}

func ExampleDefine() {
	type Download struct {
		URL string `json:"url"`
	}
	started := events.Define[Download]("download-started")

	bus, _ := events.New(nil)
	_, _ = started.Listen(bus, func(_ events.Event, d Download) { fmt.Println(d.URL) })
	_ = started.Emit(bus, Download{URL: "https://example.com/a.zip"})
	// Output: https://example.com/a.zip
}
