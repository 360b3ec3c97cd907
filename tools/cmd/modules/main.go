// Modules checks, compares and releases the modules of this workspace. Run it
// with --help for its commands and exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/release"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

func main() {
	ctx := cli.Context()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It prints results to stdout, complaints to stderr, and
// returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command, opts, code, ok := parseFlags(args, stdout, stderr)
	if !ok {
		return code
	}
	s := &session{ctx: ctx, opts: opts, out: &printer{w: stdout}}
	err := s.run(command)
	if err == nil && s.out.err != nil {
		err = fmt.Errorf("the result could not be written: %w", s.out.err)
	}
	var refusal *release.Refusal
	switch {
	case err == nil:
		return cli.Done
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "modules: interrupted; nothing was changed")
		return cli.Interrupted
	case errors.As(err, &refusal):
		fmt.Fprintf(stderr, "modules: %v\n", err)
		return cli.Usage
	case errors.Is(err, errFault):
		return cli.Fault
	default:
		fmt.Fprintf(stderr, "modules: %v\n", err)
		return cli.Fault
	}
}

// errFault is the error of a command that has printed faults.
var errFault = errors.New("a fault was found")

// A session is one run of a command.
type session struct {
	ctx  context.Context
	opts *options
	out  *printer
	root string
}

func (s *session) run(command string) error {
	root, err := workspace.Root(s.opts.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return &release.Refusal{Reason: s.opts.Root + " is in no workspace: " + err.Error(), Fix: "name one with --root"}
	}
	if err != nil {
		return err
	}
	s.root = root
	switch command {
	case "verify":
		return s.verify()
	case "changed":
		return s.changed(s.opts.Changed.Modules)
	case "consumer":
		return s.consumer()
	case "tidy":
		return s.tidy()
	case "release plan":
		return s.plan()
	case "release prepare":
		return s.prepare()
	default:
		return s.tag()
	}
}

// state reads the tree and the tags.
func (s *session) state() (*release.State, error) {
	repo, err := release.OpenRepo(s.ctx, s.root)
	if err != nil {
		return nil, err
	}
	return release.Read(s.ctx, repo)
}

// clean is state for a release. It needs a branch, a whole clone, no
// uncommitted change, and a workspace without faults.
func (s *session) clean() (*release.State, error) {
	repo, err := release.OpenRepo(s.ctx, s.root)
	if err != nil {
		return nil, err
	}
	if err := repo.ReadyToRelease(s.ctx); err != nil {
		return nil, err
	}
	if err := s.out.faults(workspace.Check(s.root)); err != nil {
		return nil, err
	}
	return release.Read(s.ctx, repo)
}

// withScratch runs f with an empty directory, which it deletes afterwards.
func withScratch(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", "modules-")
	if err != nil {
		return err
	}
	return errors.Join(f(dir), os.RemoveAll(dir))
}
