// Bench compares Desync with what plain Go offers in its place, side by side in
// one process. Run it with --help for its flags and exit codes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

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
	b := bench{own: subject.Desync{}, peers: subject.Peers(), machine: report.ThisMachine(), stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(b.main(ctx, os.Args[1:]))
}

// bench is the program with what it works on.
type bench struct {
	own            subject.Subject
	peers          []subject.Subject
	machine        report.Machine
	stdout, stderr io.Writer
}

// main returns the exit code. It returns early when ctx ends.
func (b *bench) main(ctx context.Context, args []string) int {
	opts, code, ok := parseFlags(args, b.stdout, b.stderr)
	if !ok {
		return code
	}
	chosen, err := opts.choose(workload.All())
	if err != nil {
		b.complain(err)
		return exitUsage
	}
	how := opts.measuring()
	r := &report.Report{Machine: b.machine, Rounds: how.Rounds, Workloads: len(chosen), Rows: []report.Row{}}
	if !opts.JSON {
		if err := r.WriteMachine(b.stdout); err != nil {
			return b.unwritten(err)
		}
	}

	fault := b.measure(ctx, chosen, how, r)
	write := r.WriteTable
	if opts.JSON {
		write = r.WriteJSON
	}
	if err := write(b.stdout); err != nil {
		return b.unwritten(err)
	}

	reached, all := r.Goals()
	switch {
	case fault != nil && ctx.Err() != nil:
		return exitInterrupted
	case fault != nil:
		b.complain(fault)
		return exitFault
	case opts.Strict && reached < all:
		return exitFault
	}
	return exitDone
}

// measure fills in the report, up to the first run that is wrong.
func (b *bench) measure(ctx context.Context, chosen []workload.Workload, how measure.Options, r *report.Report) error {
	p := newProgress(b.stderr, len(chosen))
	defer p.end()
	for i, w := range chosen {
		p.show(i, w.Name())
		rows, err := w.Measure(ctx, b.own, b.peers, how)
		if err != nil {
			err = fmt.Errorf("%s: %w", w.Name(), err)
			r.Partial = true
			if ctx.Err() == nil {
				r.Fault = err.Error()
			}
			return err
		}
		r.Rows = append(r.Rows, rows...)
		r.Complete++
	}
	return nil
}

func (b *bench) complain(err error) { fmt.Fprintf(b.stderr, "bench: %v\n", err) }

func (b *bench) unwritten(err error) int {
	b.complain(fmt.Errorf("the report could not be written: %w", err))
	return exitFault
}
