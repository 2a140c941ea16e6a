// Package protobuf makes Casement encode and decode protobuf messages as protobuf's own JSON: enums by
// name, 64-bit integers as strings, timestamps as RFC 3339. Import it for its effect:
//
//	import _ "casement/protobuf"
//
// Without the import, registering a command or an event whose types hold a message is an error, and the
// program does not link protobuf. With it, casement generate writes the TypeScript types of that JSON.
package protobuf

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"casement/internal/codec"
)

// init, because typed events are package variables, whose types are validated before main runs. The
// formats of package image work the same way.
func init() { codec.UseMessages(codec.Messages{Marshal: marshal, Unmarshal: unmarshal}) }

func marshal(message any) ([]byte, error) {
	m, ok := message.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("a %T is no protobuf message", message)
	}
	return protojson.Marshal(m)
}

func unmarshal(text []byte, message any, lenient bool) error {
	m, ok := message.(proto.Message)
	if !ok {
		return fmt.Errorf("a %T is no protobuf message", message)
	}
	return protojson.UnmarshalOptions{DiscardUnknown: lenient}.Unmarshal(text, m)
}
