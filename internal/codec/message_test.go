package codec_test

import (
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"casement/internal/codec"
)

// Without package protobuf a message would have the JSON of its Go struct, which no other language knows.
func TestAMessageNeedsPackageProtobuf(t *testing.T) {
	t.Parallel()
	type stamped struct{ At *timestamppb.Timestamp }
	const says = `import _ "casement/protobuf"`
	for what, err := range map[string]error{
		"CanEncode": codec.CanEncode(reflect.TypeFor[stamped](), "its result"),
		"CanDecode": codec.CanDecode(reflect.TypeFor[[]stamped](), "its arguments"),
	} {
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "At: ") {
			t.Errorf("%s: %v, want At: … %s", what, err, says)
		}
	}
	if _, err := codec.Marshal(map[string]any{"at": timestamppb.Now()}); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%v, want %s", err, says)
	}
	// These write protobuf's JSON themselves.
	if text, err := codec.Marshal(structpb.NewStringValue("x")); err != nil || string(text) != `"x"` {
		t.Errorf("%s, %v", text, err)
	}
}
