package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Tree is Go source below a directory.
type Tree struct {
	Dir      string
	FS       fs.FS
	Files    []string
	Unlisted []Skip // directories that could not be looked into
}

// Open lists the Go files below dir; without one, those of the standard library of the
// toolchain in use. Its errors say what was wrong and what to do.
func Open(ctx context.Context, dir string) (Tree, error) {
	if dir == "" {
		var err error
		if dir, err = standardLibrary(ctx); err != nil {
			return Tree{}, err
		}
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Tree{}, fmt.Errorf("%s does not exist; name a directory with Go source", dir)
	case err != nil:
		return Tree{}, fmt.Errorf("%w; name a directory that can be read", err)
	case !info.IsDir():
		return Tree{}, fmt.Errorf("%s is not a directory; name the directory it is in: %s", dir, filepath.Dir(dir))
	}

	t := Tree{Dir: dir, FS: os.DirFS(dir)}
	t.Files, t.Unlisted, err = List(ctx, t.FS)
	switch {
	case err != nil:
		return Tree{}, fmt.Errorf("%s cannot be listed: %w; name a directory that can be read", dir, err)
	case len(t.Files) == 0 && len(t.Unlisted) > 0:
		return Tree{}, fmt.Errorf("no Go file found below %s, and %d directories in it cannot be read (%s); check their permissions",
			dir, len(t.Unlisted), t.Unlisted[0].Reason)
	case len(t.Files) == 0:
		return Tree{}, fmt.Errorf("%s holds no Go files; name a directory with .go files in or below it", dir)
	}
	return t, nil
}

// standardLibrary asks the go command, since a program does not know which
// toolchain is in use.
func standardLibrary(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	root := strings.TrimSpace(string(out))
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		return "", fmt.Errorf("go env GOROOT failed: %w: %s; name a directory with Go source instead", err, strings.TrimSpace(string(failed.Stderr)))
	case err != nil:
		return "", fmt.Errorf("the standard library's source was not found, because the go command did not run: %w; put go on PATH, or name a directory with Go source", err)
	case root == "":
		return "", errors.New("go env GOROOT names no directory; name a directory with Go source instead")
	}
	return filepath.Join(root, "src"), nil
}
