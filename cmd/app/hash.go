package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"casement/channels"
	"casement/ipc"
)

// chunk is the size of one read: large enough that reading costs little beside hashing, and hashed
// in less than a frame, so that a cancelled hash stops at once.
const chunk = 1 << 20

// HashFile are the arguments of hash_file.
type HashFile struct {
	Path    string                     `json:"path"`
	OnEvent channels.Channel[Progress] `json:"onEvent"`

	// pace returns the time between two progress reports, which may change during the hash. Nil
	// means the default settings.
	pace func() time.Duration
}

// Digest is the result of hash_file.
type Digest struct {
	Path    string  `json:"path"`
	Bytes   int64   `json:"bytes"`
	SHA256  string  `json:"sha256"`
	Seconds float64 `json:"seconds"`
}

// Progress is a message of hash_file: Started, any number of Chunks, and Done.
type Progress interface {
	channels.Variant
	isProgress()
}

// Started is the first message: the file is open.
type Started struct {
	Path       string `json:"path"`
	TotalBytes int64  `json:"totalBytes"`
}

// Chunk reports the number of bytes read.
type Chunk struct {
	BytesRead int64 `json:"bytesRead"`
}

// Done is the last message.
type Done struct {
	SHA256  string  `json:"sha256"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

// Variant returns "started".
func (Started) Variant() string { return "started" }

// Variant returns "chunk".
func (Chunk) Variant() string { return "chunk" }

// Variant returns "done".
func (Done) Variant() string { return "done" }

func (Started) isProgress() {}
func (Chunk) isProgress()   {}
func (Done) isProgress()    {}

// A Problem holds the details of a file that cannot be hashed, for the page.
type Problem struct {
	// Kind is one of not_found, permission, directory, not_regular and io.
	Kind string `json:"kind"`
	Path string `json:"path"`
}

var (
	errDirectory  = errors.New("is a directory, not a file")
	errNotRegular = errors.New("is not a regular file")
)

// problem returns an error that describes a file's problem to the user and to the page.
func problem(path string, err error) error {
	kind, text := "io", err.Error()
	var at *fs.PathError
	if errors.As(err, &at) {
		text = at.Err.Error()
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		kind, text = "not_found", "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		kind, text = "permission", "you may not read this file"
	case errors.Is(err, errDirectory):
		kind = "directory"
	case errors.Is(err, errNotRegular):
		kind = "not_regular"
	}
	return ipc.NewError(fmt.Errorf("%s: %s", path, text), Problem{Kind: kind, Path: path})
}

// hashFile is the command hash_file. It computes the SHA-256 of a file, reports progress at the
// pace of the settings, and announces the start and the end to every window.
func (h *hasher) hashFile(ctx context.Context, a HashFile) (Digest, error) {
	h.hashing.Add(1)
	h.logError(hashStarted.Emit(h.app, HashStarted{Path: a.Path}))
	a.pace = func() time.Duration { return h.preferences.now().pace() }
	d, err := hashFile(ctx, a)
	h.hashing.Add(-1)
	switch {
	case err == nil:
		h.logError(hashDone.Emit(h.app, HashDone{
			Path: d.Path, Outcome: OutcomeDone, SHA256: d.SHA256, Bytes: d.Bytes, Seconds: d.Seconds,
		}))
		h.logError(h.recents.add(d, func() bool { return h.preferences.now().KeepHistory }, h.sendRecents))
	case ctx.Err() != nil:
		h.logError(hashDone.Emit(h.app, HashDone{Path: a.Path, Outcome: OutcomeCancelled}))
	default:
		h.logError(hashDone.Emit(h.app, HashDone{Path: a.Path, Outcome: OutcomeFailed, Error: err.Error()}))
	}
	return d, err
}

// hashFile computes the SHA-256 of a file and reports progress to OnEvent. It stops when ctx is
// cancelled or the page closes the channel.
func hashFile(ctx context.Context, a HashFile) (Digest, error) {
	defer a.OnEvent.Close()
	path, err := filepath.Abs(a.Path)
	if err != nil {
		return Digest{}, problem(a.Path, err)
	}
	if a.pace == nil {
		a.pace = defaultSettings.pace
	}
	digest, err := hash(ctx, path, a.OnEvent, a.pace)
	if err != nil {
		return Digest{}, problem(path, err)
	}
	return digest, nil
}

func hash(
	ctx context.Context, path string, onEvent channels.Channel[Progress], pace func() time.Duration,
) (Digest, error) {
	// Stat comes before open, because opening a pipe without a writer blocks forever.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Digest{}, err
	case info.IsDir():
		return Digest{}, errDirectory
	case !info.Mode().IsRegular():
		return Digest{}, errNotRegular
	}
	file, err := os.Open(path)
	if err != nil {
		return Digest{}, err
	}
	defer file.Close()

	begun := time.Now()
	if err := onEvent.SendContext(ctx, Started{Path: path, TotalBytes: info.Size()}); err != nil {
		return Digest{}, err
	}
	sum := sha256.New()
	buffer := make([]byte, chunk)
	var read int64
	reported := begun
	for {
		if err := ctx.Err(); err != nil {
			return Digest{}, err
		}
		n, err := file.Read(buffer)
		sum.Write(buffer[:n])
		read += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return Digest{}, err
		}
		if now := time.Now(); now.Sub(reported) >= pace() {
			reported = now
			if err := onEvent.SendContext(ctx, Chunk{BytesRead: read}); err != nil {
				return Digest{}, err
			}
		}
	}
	d := Digest{Path: path, Bytes: read, SHA256: hex.EncodeToString(sum.Sum(nil)), Seconds: time.Since(begun).Seconds()}
	return d, onEvent.SendContext(ctx, Done{SHA256: d.SHA256, Bytes: d.Bytes, Seconds: d.Seconds})
}
