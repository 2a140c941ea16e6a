package wire

import (
	"fmt"
	"strings"

	"casement/internal/codec"
	"casement/internal/names"
)

// A PageID identifies one load of a document. It is unique.
type PageID string

// A ChannelID identifies a channel or a sink within its page.
type ChannelID uint64

// A ListenerID identifies a listener within its page.
type ListenerID uint64

func parsePageID(s string) (PageID, error) {
	if len(s) != 16 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", fmt.Errorf("page id %q: want 16 hexadecimal digits", names.Clip(s))
	}
	return PageID(s), nil
}

// A prefix precedes the id of a channel or a sink in the JSON of a page.
const (
	channelPrefix = "__CHANNEL__:"
	sinkPrefix    = "__SINK__:"
)

// ParseChannel returns the id in a channel's handle, such as "__CHANNEL__:7", from the arguments of
// a call.
func ParseChannel(s string) (ChannelID, error) { return parseHandle(s, channelPrefix, "channel") }

// ParseSink returns the id in a sink's handle, such as "__SINK__:7", from the arguments of a call.
func ParseSink(s string) (ChannelID, error) { return parseHandle(s, sinkPrefix, "sink") }

func parseHandle(s, prefix, what string) (ChannelID, error) {
	digits, ok := strings.CutPrefix(s, prefix)
	if !ok || digits == "" {
		return 0, fmt.Errorf("ipc: %q is not a %s", names.Clip(s), what)
	}
	var id ChannelID
	for _, digit := range []byte(digits) {
		// Ids are JavaScript integers that count from 1: below 2^53, without a leading 0.
		if digit < '0' || digit > '9' || (id == 0 && digit == '0') || id >= codec.MaxSafeInteger/10 {
			return 0, fmt.Errorf("ipc: %q is not a %s", names.Clip(s), what)
		}
		id = id*10 + ChannelID(digit-'0')
	}
	return id, nil
}
