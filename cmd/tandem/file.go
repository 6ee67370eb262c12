package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// writeFile writes a file whole or not at all: to a temporary name beside it, synced, then renamed. "-" is stdout.
func (a *app) writeFile(name string, mode os.FileMode, write func(io.Writer) error) error {
	if name == "-" {
		return write(a.stdout)
	}
	dir := filepath.Dir(name)
	if _, err := os.Stat(dir); err != nil {
		return hinted(roomHint(err), tell("cli.wrong.writing", name, err))
	}
	temporary, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
	if err != nil {
		return hinted(roomHint(err), tell("cli.wrong.writing", name, err))
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // after the rename there is nothing left to remove
	err = errors.Join(write(temporary), temporary.Chmod(mode), temporary.Sync(), temporary.Close())
	if err != nil {
		return unwritten(name, err)
	}
	if err := os.Rename(temporary.Name(), name); err != nil {
		return unwritten(name, err)
	}
	return syncDir(dir)
}

// unwritten says which file could not be written, where it is not a server's answer that was missing.
func unwritten(name string, err error) error {
	var file *fs.PathError
	if !errors.As(err, &file) {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return &failure{says: tell("cli.wrong.writing", name, err), hint: roomHint(err), err: err}
}

// roomHint says what helps where a file could not be written.
func roomHint(err error) line {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return tell("cli.hint.full")
	case errors.Is(err, syscall.EFBIG):
		return tell("cli.hint.large")
	}
	return tell("cli.hint.place")
}

// syncDir makes the rename itself durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// openInput opens a file to read; "-" is stdin.
func (a *app) openInput(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.stdin), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, helped(tell("cli.hint.stdin"), err)
	}
	return file, nil
}

// readInput reads a file whole.
func (a *app) readInput(name string) ([]byte, error) {
	input, err := a.openInput(name)
	if err != nil {
		return nil, err
	}
	defer input.Close() //nolint:errcheck // it is only read
	data, err := io.ReadAll(input)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// receive writes the parts of a downloaded file as they come.
func receive[T interface{ GetData() []byte }](w io.Writer, next func() (T, error)) error {
	for {
		part, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if _, err := w.Write(part.GetData()); err != nil {
			return err
		}
	}
}
