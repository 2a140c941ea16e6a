package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// makeBundle builds an .app in a .zip. build/macos.sh signs and notarizes it and puts it on a disk
// image.
func makeBundle(ctx context.Context, j *job) (artifact, error) {
	program, err := j.build(ctx, "darwin")
	if err != nil {
		return artifact{}, err
	}
	one := artifact{file: fmt.Sprintf("%s-%s-macos-%s.zip", j.Executable, j.Version, runtime.GOARCH)}
	j.say("%s", one.file)
	return one, writeFile(filepath.Join(j.out, one.file), func(w io.Writer) error { return j.writeBundle(w, program) })
}

func (j *job) writeBundle(w io.Writer, program string) error {
	archive := zip.NewWriter(w)
	add := func(name string, mode fs.FileMode, data []byte) error {
		h := &zip.FileHeader{Name: j.Name + ".app/Contents/" + name, Method: zip.Deflate, Modified: j.time}
		h.SetMode(mode)
		to, err := archive.CreateHeader(h)
		if err == nil {
			_, err = to.Write(data)
		}
		return err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	var icon strings.Builder
	if err := writeICNS(&icon, j.icons); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		mode fs.FileMode
		data []byte
	}{
		{"Info.plist", 0o644, j.infoPlist()},
		{"MacOS/" + j.Executable, 0o755, data},
		{"PkgInfo", 0o644, []byte("APPL????")},
		{"Resources/icon.icns", 0o644, []byte(icon.String())},
	} {
		if err := add(f.name, f.mode, f.data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// infoPlist returns the app's Info.plist.
func (a *app) infoPlist() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n" +
		"<plist version=\"1.0\">\n<dict>\n")
	version, _ := a.release()
	for _, pair := range [][2]string{
		{"CFBundleDevelopmentRegion", "en"}, {"CFBundleDisplayName", a.Name}, {"CFBundleExecutable", a.Executable},
		{"CFBundleIconFile", "icon"}, {"CFBundleIdentifier", a.ID}, {"CFBundleInfoDictionaryVersion", "6.0"},
		{"CFBundleName", a.Name}, {"CFBundlePackageType", "APPL"}, {"CFBundleShortVersionString", version},
		{"CFBundleVersion", version}, {"LSMinimumSystemVersion", "11.0"}, {"NSHumanReadableCopyright", "© " + a.Copyright},
	} {
		fmt.Fprintf(&b, "\t<key>%s</key>\n\t<string>%s</string>\n", pair[0], xmlText(pair[1]))
	}
	b.WriteString("\t<key>NSHighResolutionCapable</key>\n\t<true/>\n")
	if a.Scheme != "" {
		fmt.Fprintf(&b, "\t<key>CFBundleURLTypes</key>\n\t<array>\n\t\t<dict>\n\t\t\t<key>CFBundleURLName</key>\n"+
			"\t\t\t<string>%s</string>\n\t\t\t<key>CFBundleURLSchemes</key>\n\t\t\t<array>\n\t\t\t\t<string>%s</string>\n"+
			"\t\t\t</array>\n\t\t</dict>\n\t</array>\n", xmlText(a.ID), xmlText(a.Scheme))
	}
	var types strings.Builder
	for _, t := range a.FileTypes {
		if len(t.Extensions) == 0 {
			continue
		}
		fmt.Fprintf(&types, "\t\t<dict>\n\t\t\t<key>CFBundleTypeName</key>\n\t\t\t<string>%s</string>\n"+
			"\t\t\t<key>CFBundleTypeRole</key>\n\t\t\t<string>Viewer</string>\n"+
			"\t\t\t<key>CFBundleTypeExtensions</key>\n\t\t\t<array>\n", xmlText(t.Name))
		for _, e := range t.Extensions {
			fmt.Fprintf(&types, "\t\t\t\t<string>%s</string>\n", xmlText(e))
		}
		types.WriteString("\t\t\t</array>\n\t\t</dict>\n")
	}
	if types.Len() > 0 {
		b.WriteString("\t<key>CFBundleDocumentTypes</key>\n\t<array>\n" + types.String() + "\t</array>\n")
	}
	b.WriteString("</dict>\n</plist>\n")
	return []byte(b.String())
}
