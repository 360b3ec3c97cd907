package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// put writes the files, which are named relative to dir. The files below name are a
// new directory. put first writes all files beside their places, and then moves
// them there, all or none.
func put(ctx context.Context, dir, name string, files map[string][]byte) error {
	// The go command leaves out a directory that begins with a dot.
	scratch, err := os.MkdirTemp(dir, ".adapter-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := os.Mkdir(filepath.Join(scratch, name), 0o777); err != nil {
		return err
	}
	changes := []change{{from: filepath.Join(scratch, name), to: filepath.Join(dir, name)}}
	for file, data := range files {
		from := filepath.Join(scratch, filepath.FromSlash(file))
		if err := os.WriteFile(from, data, 0o666); err != nil {
			return err
		}
		if filepath.Dir(from) != scratch {
			continue
		}
		c := change{from, filepath.Join(dir, file), from + ".old"}
		old, err := os.ReadFile(c.to)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.old, old, 0o666); err != nil {
			return err
		}
		changes = append(changes, c)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return swap(changes)
}

// A change moves a file or directory to another place.
type change struct {
	from, to string
	old      string // a copy of what is at the other place, if there is something
}

// swap makes all changes or none.
func swap(changes []change) error {
	for i, c := range changes {
		err := os.Rename(c.from, c.to)
		if err == nil {
			continue
		}
		for _, done := range slices.Backward(changes[:i]) {
			if done.old != "" {
				err = errors.Join(err, os.Rename(done.old, done.to))
			} else {
				err = errors.Join(err, os.Rename(done.to, done.from))
			}
		}
		return err
	}
	return nil
}
