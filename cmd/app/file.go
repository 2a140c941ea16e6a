package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A file stores a T as JSON. The empty file stores nothing.
type file[T any] string

// load decodes the file over fallback, whose fields stay where the file has none. It returns
// fallback if there is no file. If the file cannot be read or check rejects it, load returns
// fallback with an error and renames the file, so that the next save does not destroy data that the
// user may want to repair.
func (f file[T]) load(fallback T, check func(T) error) (T, error) {
	if f == "" {
		return fallback, nil
	}
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return fallback, nil
	}
	if err != nil {
		return fallback, err
	}
	value := fallback
	if err = json.Unmarshal(data, &value); err == nil {
		err = check(value)
	}
	if err == nil {
		return value, nil
	}
	aside := string(f) + ".damaged"
	if err := os.Rename(string(f), aside); err != nil {
		aside = string(f)
	}
	return fallback, fmt.Errorf("%s is damaged: %w; it is now %s", f, err, filepath.Base(aside))
}

// save replaces the file atomically: readers, and a power failure, leave either the old content or
// the new one.
func (f file[T]) save(value T) (err error) {
	if f == "" {
		return nil
	}
	data, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return err
	}
	dir := filepath.Dir(string(f))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dir, filepath.Base(string(f))+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft.Name())
		}
	}()
	_, err = draft.Write(append(data, '\n'))
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), string(f))
}

// remove deletes the file if it exists.
func (f file[T]) remove() error {
	if f == "" {
		return nil
	}
	if err := os.Remove(string(f)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
