// Bench compares Desync with plain Go and with other libraries, side by side. Run it with
// --help for its commands, flags and exit codes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/go-desync/go-desync/tools/bench/internal/child"
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
	"github.com/go-desync/go-desync/tools/bench/internal/workload"
)

const (
	exitDone        = 0
	exitFault       = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells report it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	b := bench{
		own: subject.Desync{}, peers: subject.Peers(), machine: report.ThisMachine(), isolate: child.Run,
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}
	os.Exit(b.main(ctx, os.Args[1:]))
}

// bench is the program.
type bench struct {
	own            subject.Subject
	peers          []subject.Subject
	machine        report.Machine
	isolate        func(context.Context, measure.Task) ([]measure.Series, error)
	shrink         int // sizes, in tests
	stdin          io.Reader
	stdout, stderr io.Writer
}

// main returns the exit code. It returns early when ctx ends.
func (b *bench) main(ctx context.Context, args []string) int {
	command, opts, code, ok := parseFlags(args, b.stdout, b.stderr)
	if !ok {
		return code
	}
	switch command {
	case pageCommand:
		return b.page(opts.Page)
	case childCommand:
		return b.child(ctx)
	default:
		return b.run(ctx, opts.Run)
	}
}

// child is the program in a process that measures for another process.
func (b *bench) child(ctx context.Context) int {
	if err := workload.Child(ctx, b.own, b.peers, b.stdin, b.stdout); err != nil {
		b.complain(err)
		return exitFault
	}
	return exitDone
}

func (b *bench) complain(err error) { fmt.Fprintf(b.stderr, "bench: %v\n", err) }

func (b *bench) unwritten(err error) int {
	b.complain(fmt.Errorf("the report could not be written: %w", err))
	return exitFault
}
