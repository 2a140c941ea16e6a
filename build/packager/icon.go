package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

// iconSizes are all sizes that any system needs.
var iconSizes = []int{16, 20, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024}

// resize returns the icon in all sizes, as PNG.
func resize(icon image.Image) (map[int][]byte, error) {
	sizes := map[int][]byte{}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	for _, size := range iconSizes {
		small := image.NewNRGBA(image.Rect(0, 0, size, size))
		draw.CatmullRom.Scale(small, small.Rect, icon, icon.Bounds(), draw.Src, nil)
		var b bytes.Buffer
		if err := encoder.Encode(&b, small); err != nil {
			return nil, err
		}
		sizes[size] = b.Bytes()
	}
	return sizes, nil
}

// windowsIcons are the icon sizes of Windows.
var windowsIcons = []int{16, 20, 24, 32, 40, 48, 64, 256}

// writeICO writes a Windows icon file with PNG images.
func writeICO(w io.Writer, icons map[int][]byte) error {
	var head, body bytes.Buffer
	offset := 6 + 16*len(windowsIcons)
	put := func(v ...any) {
		for _, v := range v {
			_ = binary.Write(&head, binary.LittleEndian, v) // A buffer never fails.
		}
	}
	put(uint16(0), uint16(1), uint16(len(windowsIcons)))
	for _, size := range windowsIcons {
		data := icons[size]
		put(uint8(size), uint8(size), uint16(0), uint16(1), uint16(32), uint32(len(data)), uint32(offset+body.Len()))
		body.Write(data)
	}
	_, err := io.Copy(w, io.MultiReader(&head, &body))
	return err
}

// macIcons are the icon sizes of macOS, with the four-letter code of each.
var macIcons = []struct {
	kind string
	size int
}{
	{"icp4", 16}, {"icp5", 32}, {"ic11", 32}, {"ic12", 64}, {"ic07", 128}, {"ic13", 256}, {"ic08", 256},
	{"ic14", 512}, {"ic09", 512}, {"ic10", 1024},
}

// writeICNS writes a macOS icon file.
func writeICNS(w io.Writer, icons map[int][]byte) error {
	var body bytes.Buffer
	for _, m := range macIcons {
		body.WriteString(m.kind)
		_ = binary.Write(&body, binary.BigEndian, uint32(8+len(icons[m.size])))
		body.Write(icons[m.size])
	}
	var head bytes.Buffer
	head.WriteString("icns")
	_ = binary.Write(&head, binary.BigEndian, uint32(8+body.Len()))
	_, err := io.Copy(w, io.MultiReader(&head, &body))
	return err
}
