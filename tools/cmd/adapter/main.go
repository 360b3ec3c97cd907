// Adapter writes a new package of adapters. The package works and passes all checks,
// and is a beginning to be changed into the bridge that you want. Run it with --help
// for its flags and exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/release"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

func main() {
	ctx := cli.Context()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// refuse returns the error of a request that cannot be met. Nothing was changed.
func refuse(fix, reason string, args ...any) error {
	return &release.Refusal{Reason: fmt.Sprintf(reason, args...), Fix: fix}
}

// run is the program. It prints what it has written to stdout, complaints to stderr,
// and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, code, ok := parseFlags(args, stdout, stderr)
	if !ok {
		return code
	}
	err := write(ctx, opts)
	var refused *release.Refusal
	switch {
	case err == nil:
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "adapter: interrupted; nothing was changed")
		return cli.Interrupted
	case errors.As(err, &refused):
		fmt.Fprintf(stderr, "adapter: %v\n", err)
		return cli.Usage
	default:
		fmt.Fprintf(stderr, "adapter: %v; nothing was changed\n", err)
		return cli.Fault
	}
	_, err = fmt.Fprintf(stdout, `written: adapters/%[1]s, a row in adapters/README.md and a line in adapters/CHANGELOG.md
It works, and passes the tests. Put your bridge in place of it, and run
  go test ./adapters/%[1]s
  go test -count=1 ./tools/internal/checklist
`, opts.Name)
	if err != nil {
		fmt.Fprintf(stderr, "adapter: adapters/%s was written, but the result could not be printed: %v\n", opts.Name, err)
		return cli.Fault
	}
	return cli.Done
}

// write makes the text of all files before it changes anything.
func write(ctx context.Context, opts options) error {
	root, err := workspace.Root(opts.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse("name one with --root", "%s is in no workspace: %v", opts.Root, err)
	}
	if err != nil {
		return err
	}
	files, err := render(opts.Name)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "adapters")
	switch _, err := os.Lstat(filepath.Join(dir, opts.Name)); {
	case err == nil:
		return refuse("choose another name", "adapters/%s exists", opts.Name)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	for _, place := range []struct {
		name string
		add  func(text, name string) (string, error)
	}{{"README.md", addRow}, {"CHANGELOG.md", addEntry}} {
		data, err := os.ReadFile(filepath.Join(dir, place.name))
		if errors.Is(err, fs.ErrNotExist) {
			return refuse("name a workspace that has it with --root", "there is no adapters/%s in %s", place.name, root)
		}
		if err != nil {
			return err
		}
		text, err := place.add(string(data), opts.Name)
		if err != nil {
			return err
		}
		files[place.name] = []byte(text)
	}
	return put(ctx, dir, opts.Name, files)
}
