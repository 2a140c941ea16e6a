package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
)

// makeTarball builds an archive that can be unpacked over any prefix, such as ~/.local.
func makeTarball(ctx context.Context, j *job) (artifact, error) {
	entries, err := j.tree(ctx)
	if err != nil {
		return artifact{}, err
	}
	top := fmt.Sprintf("%s-%s", j.Executable, j.Version)
	one := artifact{file: fmt.Sprintf("%s-linux-%s.tar.gz", top, runtime.GOARCH), checked: slices.Clone(j.looked)}
	j.say("%s", one.file)
	file := filepath.Join(j.out, one.file)
	if err := writeFile(file, func(w io.Writer) error { return j.writeTarball(w, top, entries) }); err != nil {
		return one, err
	}
	if err := readTarball(file, top, entries); err != nil {
		return one, fmt.Errorf("reading it back: %w", err)
	}
	one.checked = append(one.checked, "read back")
	return one, nil
}

func (j *job) writeTarball(w io.Writer, top string, entries []entry) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	head := func(name string, kind byte, mode, size int64) error {
		return archive.WriteHeader(&tar.Header{
			Typeflag: kind, Name: name, Mode: mode, Size: size, ModTime: j.time, Uname: "root", Gname: "root",
			Format: tar.FormatPAX,
		})
	}
	folders := map[string]bool{}
	for _, e := range entries {
		name := path.Join(top, e.path)
		for i, c := range name {
			if c == '/' && !folders[name[:i]] {
				folders[name[:i]] = true
				if err := head(name[:i+1], tar.TypeDir, 0o755, 0); err != nil {
					return err
				}
			}
		}
		data, err := os.ReadFile(e.from)
		if err != nil {
			return err
		}
		if err := head(name, tar.TypeReg, int64(e.mode), int64(len(data))); err != nil {
			return err
		}
		if _, err := archive.Write(data); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return compressed.Close()
}

// readTarball returns an error unless the archive contains the entries.
func readTarball(file, top string, entries []entry) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	compressed, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	archive := tar.NewReader(compressed)
	there := map[string]int64{}
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		there[h.Name] = h.Size
	}
	for _, e := range entries {
		info, err := os.Stat(e.from)
		if err != nil {
			return err
		}
		if size, ok := there[path.Join(top, e.path)]; !ok || size != info.Size() {
			return fmt.Errorf("%s is missing or incomplete", e.path)
		}
	}
	return nil
}

// writeFile writes a file. It returns an error unless all data has reached the disk.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
