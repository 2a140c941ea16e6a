package webview_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// keyFrame is a VP8 key frame of 16 by 16 red pixels, in hexadecimal.
const keyFrame = "9001009d012a1000100002c04c25a00274ba00039800feee431fee6c738b7057ff6d0fff5a1ffeb43fe94000"

// webm returns a video of the given number of frames, 40 ms each, with an index for seeking.
func webm(frames int) []byte {
	element := func(id uint32, parts ...any) []byte {
		var body []byte
		for _, part := range parts {
			switch v := part.(type) {
			case int:
				body = binary.BigEndian.AppendUint32(body, uint32(v))
			case float64:
				body = binary.BigEndian.AppendUint64(body, math.Float64bits(v))
			case string:
				body = append(body, v...)
			case []byte:
				body = append(body, v...)
			}
		}
		head := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
		// The size takes eight bytes.
		return append(binary.BigEndian.AppendUint64(head, 1<<56|uint64(len(body))), body...)
	}
	const step = 40
	info := element(0x1549A966, element(0x2AD7B1, 1_000_000), element(0x4489, float64(step*frames)), element(0x4D80, "test"), element(0x5741, "test"))
	tracks := element(0x1654AE6B, element(0xAE, element(0xD7, 1), element(0x73C5, 1), element(0x83, 1), element(0x23E383, step*1_000_000), element(0x86, "V_VP8"),
		element(0xE0, element(0xB0, 16), element(0xBA, 16))))
	frame, err := hex.DecodeString(keyFrame)
	if err != nil {
		panic(err)
	}
	cluster := element(0xE7, 0)
	for i := range frames {
		block := binary.BigEndian.AppendUint16([]byte{0x81}, uint16(step*i))
		cluster = append(cluster, element(0xA3, append(block, 0x80), frame)...)
	}
	head := append(info, tracks...)
	cues := element(0x1C53BB6B, element(0xBB, element(0xB3, 0), element(0xB7, element(0xF7, 1), element(0xF1, 0))))
	binary.BigEndian.PutUint32(cues[len(cues)-4:], uint32(len(head)+len(cues)))
	return append(
		element(0x1A45DFA3, element(0x4286, 1), element(0x42F7, 1), element(0x42F2, 4), element(0x42F3, 8), element(0x4282, "webm"), element(0x4287, 2), element(0x4285, 2)),
		element(0x18538067, head, cues, element(0x1F43B675, cluster))...)
}
