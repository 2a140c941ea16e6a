// Package protobuf makes Casement send and accept protobuf messages as protobuf's own JSON, which other languages read and
// write as well: oneofs and enums by name, 64-bit integers as strings, and timestamps as RFC 3339. Without it a message among
// the types of a command, an event or a channel is an error.
//
// It is imported for its effect:
//
//	import _ "casement/protobuf"
//
// A program that does not import it links nothing of protobuf. casement generate sees the import, and writes the types that
// the messages have in that JSON.
package protobuf

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"casement/internal/codec"
)

// Importing is enough, as it is of the formats of package image: an event's type is a variable of a package, which is checked
// before main could call anything.
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
