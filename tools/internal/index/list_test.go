package index

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// lockedFS has directories that cannot be read.
type lockedFS struct {
	fstest.MapFS
	locked string
}

var errLocked = errors.New("locked")

func (l lockedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.locked {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errLocked}
	}
	return l.MapFS.ReadDir(name)
}

func TestListNamesUnreadableDirectories(t *testing.T) {
	tree := fstest.MapFS{
		"b.go":          {},
		"a/c.go":        {},
		"a/locked/d.go": {},
		"go.mod":        {},
		"z/go":          {},
	}
	files, skipped, err := List(t.Context(), lockedFS{tree, "a/locked"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/c.go", "b.go"}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Skip{{"a/locked", Unreadable, "open a/locked: locked"}}, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestListFailsOnUnreadableRoot(t *testing.T) {
	_, _, err := List(t.Context(), lockedFS{fstest.MapFS{"a.go": {}}, "."})
	if !errors.Is(err, errLocked) {
		t.Errorf("error %v, want one that matches %v", err, errLocked)
	}
}

func TestListStopsWhenCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := List(ctx, fstest.MapFS{"a.go": {}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
