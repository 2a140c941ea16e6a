package codec

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
)

var bytesType = reflect.TypeFor[[]byte]()

// A Carrier is an argument of a command that stands for a stream of values, such as a channel.
type Carrier interface {
	// Carries returns the type of the values, and whether they go to the page or come from it.
	Carries() (values reflect.Type, toPage bool)
}

var carrierType = reflect.TypeFor[Carrier]()

// CanEncode returns an error that names the field if no value of type t can be written as JSON. The
// error begins with what, such as "its result".
func CanEncode(t reflect.Type, what string) error { return flawOf(t, toPage, what) }

// CanDecode returns an error that names the field if no value of type t can be read from JSON. The
// error begins with what, such as "its arguments".
func CanDecode(t reflect.Type, what string) error { return flawOf(t, toGo, what) }

// flawOf returns an error if no value of a type can be written as JSON, or read from it. The error
// begins with what.
func flawOf(t reflect.Type, way direction, what string) error {
	if t == bytesType {
		return nil // Bytes travel unencoded.
	}
	f := flawSearch{way: way, seen: map[reflect.Type]bool{}}
	reason := f.in(t)
	if reason == "" {
		if has := profileOf(t, way); has.odd && has.contextual {
			return fmt.Errorf("%s, a %s: %w", what, t, has.mixed())
		}
		return nil
	}
	if len(f.path) > 0 {
		reason = strings.Join(f.path, ".") + ": " + reason
	}
	return fmt.Errorf("%s, a %s: %s", what, t, reason)
}

// A flawSearch walks a type, and visits each type in it once, until it finds one without JSON.
type flawSearch struct {
	way  direction
	path []string // of the flaw, once found
	seen map[reflect.Type]bool
}

// in returns the reason why a type has no JSON, or "" if it has. casement generate follows the same
// rules.
func (f *flawSearch) in(t reflect.Type) (reason string) {
	if f.seen[t] {
		return ""
	}
	f.seen[t] = true
	if f.way == toGo && reflect.PointerTo(t).Implements(carrierType) {
		return carried(t)
	}
	if f.own(t) {
		return ""
	}
	if isMessage(t) {
		if messages.Load() == nil {
			return errNoMessages.Error()
		}
		return ""
	}
	const remedy = "; leave the field out with `json:\"-\"`"
	switch t.Kind() {
	case reflect.Chan:
		return "a chan has no JSON; stream with a channels.Channel, or leave the field out with `json:\"-\"`"
	case reflect.Func:
		return "a func has no JSON" + remedy
	case reflect.Complex64, reflect.Complex128:
		return "a complex number has no JSON; use two float64"
	case reflect.UnsafePointer:
		return "an unsafe.Pointer has no JSON" + remedy
	case reflect.Interface:
		if f.way == toGo && t.NumMethod() > 0 {
			return fmt.Sprintf("nothing can be decoded into the interface %s; use a struct, or any", t)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return f.in(t.Elem())
	case reflect.Map:
		if !f.key(t.Key()) {
			return fmt.Sprintf("keys of type %s have no JSON; use strings, integers, or a type with MarshalText and UnmarshalText",
				t.Key())
		}
		return f.in(t.Elem())
	case reflect.Struct:
		if mute(t) {
			return fmt.Sprintf("all fields of %s are unexported, so JSON has none of them", t)
		}
		members, _ := membersOf(t)
		for _, m := range members {
			if m.t.Kind() == reflect.Pointer && mute(m.t.Elem()) && !isMessage(m.t.Elem()) {
				continue // A nil pointer is null, and an empty object may be the whole message.
			}
			if mute(m.t) && !isMessage(m.t) && dependency(t.PkgPath()) {
				continue // The app can't change the struct.
			}
			reason := f.in(m.t)
			if reason == "" && f.way == toGo && m.barred {
				reason = "an embedded pointer to an unexported struct can't be filled; embed the struct itself, or export it"
			}
			if reason != "" {
				f.path = append([]string{m.goName}, f.path...)
				return reason
			}
		}
	}
	return ""
}

// carried returns the reason why the values of a stream have no JSON.
func carried(t reflect.Type) string {
	values, out := reflect.New(t).Interface().(Carrier).Carries()
	way := toGo
	if out {
		way = toPage
	}
	if err := flawOf(values, way, "the values of the stream"); err != nil {
		return err.Error()
	}
	return ""
}

// own reports whether a type writes or reads its JSON itself wherever it occurs.
func (f *flawSearch) own(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		return false
	}
	if f.way == toGo {
		return implements(t, unmarshalerType) || implements(t, unmarshalerContextType) || implements(t, textUnmarshalerType) ||
			streams(t, toGo) == stdStream
	}
	return implements(t, marshalerType) || implements(t, marshalerContextType) || implements(t, textMarshalerType) ||
		streams(t, toPage) == stdStream
}

// key reports whether JSON can have keys of a type.
func (f *flawSearch) key(t reflect.Type) bool {
	switch k := t.Kind(); {
	case k == reflect.String, k >= reflect.Int && k <= reflect.Uintptr:
		return true
	}
	if f.way == toGo {
		return reflect.PointerTo(t).Implements(textUnmarshalerType)
	}
	return t.Implements(textMarshalerType)
}

// mute reports whether a struct has fields, but none in JSON only because all are unexported. Types
// of package sync are not mute: nobody expects their fields in JSON.
func mute(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.PkgPath() == "sync" {
		return false
	}
	if members, _ := membersOf(t); len(members) > 0 {
		return false
	}
	fields := 0
	for f := range t.Fields() {
		switch {
		case f.IsExported(), f.Anonymous, f.Name == "_":
			return false
		}
		fields++
	}
	return fields > 0
}

// mainModule returns the path of the program's own module, or "" if it is unknown.
var mainModule = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path == "command-line-arguments" {
		return ""
	}
	return info.Main.Path
})

// dependency reports whether a package is not in the program's own module. It is false if the module
// is unknown.
func dependency(path string) bool {
	own := mainModule()
	return own != "" && path != "" && path != "main" && path != own && !strings.HasPrefix(path, own+"/")
}
