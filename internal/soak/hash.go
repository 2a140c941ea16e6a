package main

import (
	"encoding/binary"
	"math/rand/v2"
)

// A digest is a running hash over 32-bit words. The page's is in frontend/api/test/window/soak.ts.
type digest uint32

const start digest = 0x811c9dc5

func (d digest) word(w uint32) digest { return (d ^ digest(w)) * 0x01000193 }

func (d digest) words(data []byte) digest {
	for ; len(data) >= 4; data = data[4:] {
		d = d.word(binary.LittleEndian.Uint32(data))
	}
	return d
}

// text adds a text of ASCII characters.
func (d digest) text(s string) digest {
	for i := range len(s) {
		d = d.word(uint32(s[i]))
	}
	return d
}

// A noise fills buffers with data that does not repeat, so that no message can pass for another.
type noise struct {
	source *rand.ChaCha8
	n      uint32
}

func newNoise() *noise { return &noise{source: rand.NewChaCha8([32]byte{1})} }

// fill writes the buffer's number into its first word and random bytes into the rest.
func (s *noise) fill(buffer []byte) {
	_, _ = s.source.Read(buffer)
	binary.LittleEndian.PutUint32(buffer, s.n)
	s.n++
}
