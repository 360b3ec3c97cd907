package index

import (
	"context"
	"io/fs"
	"path"
)

// Kind says why something was skipped.
type Kind string

const (
	Unreadable Kind = "not readable"
	TooLarge   Kind = "too large"
	Unparsable Kind = "not parsable as Go"
)

// Skip names a file or directory that was passed over.
type Skip struct {
	Path   string
	Kind   Kind
	Reason string // the error's text
}

// List returns the .go files below the root of fsys, by path, and the
// directories in which it could not look. It fails if the root itself cannot be
// read, or, with the context's error, if ctx ends first.
func List(ctx context.Context, fsys fs.FS) (files []string, skipped []Skip, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			skipped = append(skipped, Skip{name, Unreadable, err.Error()})
		case !entry.IsDir() && path.Ext(name) == ".go":
			files = append(files, name)
		}
		return nil
	})
	return files, skipped, err
}
