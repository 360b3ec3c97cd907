// Demo indexes a tree of Go source with Desync objects, and answers questions
// about the index at the same time. Then it does the same work one file after
// the other, and compares the results. Run it with --help for its flags and
// exit codes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/index"
)

func main() {
	ctx := cli.Context()
	if os.Getenv("GOGC") == "" {
		// The collector would otherwise use the second processor in both runs.
		debug.SetGCPercent(400)
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It prints the report to stdout, progress and complaints
// to stderr, and returns the exit code. When ctx ends it stops early.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, code, ok := parseFlags(args, stdout, stderr)
	if !ok {
		return code
	}
	tree, err := index.Open(ctx, opts.Dir)
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "demo: interrupted before any file was read")
		return cli.Interrupted
	}
	if err != nil {
		fmt.Fprintf(stderr, "demo: %v\n", err)
		return cli.Usage
	}

	out := newReport(stdout, opts)
	code = indexAndCompare(ctx, tree, opts, out, stderr)
	if out.err != nil {
		fmt.Fprintf(stderr, "demo: the report could not be written: %v\n", out.err)
		return cli.Fault
	}
	return code
}

func indexAndCompare(ctx context.Context, tree index.Tree, opts options, out *report, stderr io.Writer) int {
	out.printf("Indexing %d Go files below %s with Desync objects, up to %d files at a time.\n",
		len(tree.Files), tree.Dir, opts.InFlight)
	took := stopwatch()
	parallel, err := inParallel(ctx, tree, opts.InFlight, stderr)
	tookParallel := took()
	if err != nil {
		fmt.Fprintf(stderr, "demo: the index could not be read from its objects: %v\n", err)
		return cli.Fault
	}
	interrupted := ctx.Err() != nil
	if interrupted && !parallel.Whole() {
		out.partial("the index", parallel)
	}
	out.index(parallel, tree.Unlisted, tookParallel)
	if interrupted && !parallel.Whole() {
		return cli.Interrupted
	}

	out.printf("\nThe same work again, one file after the other.\n")
	took = stopwatch()
	inOrder := oneByOne(ctx, tree, stderr)
	tookInOrder := took()
	if ctx.Err() != nil && !inOrder.Whole() {
		out.partial("the second run", inOrder)
		out.printf("The index above is whole, but nothing was compared.\n")
		return cli.Interrupted
	}
	if diffs := index.Diff("in parallel", parallel, "one after the other", inOrder); len(diffs) > 0 {
		out.differences(diffs)
		return cli.Fault
	}
	out.speed(tookParallel, tookInOrder)
	return cli.Done
}

// inParallel makes the index, and asks for the leading name meanwhile.
func inParallel(ctx context.Context, tree index.Tree, inFlight int, stderr io.Writer) (index.Result, error) {
	p := newProgress(stderr, "in parallel", len(tree.Files), plainInterval)
	defer p.end()
	tick := time.NewTicker(askInterval)
	defer tick.Stop()

	r := index.Start(ctx, tree.FS, tree.Files, inFlight)
	for {
		select {
		case <-tick.C:
			p.show(r.Done(), r.Leader())
		case <-r.Read():
			// Report the files that have been read, even after an interrupt.
			return r.Result(context.WithoutCancel(ctx))
		}
	}
}

func oneByOne(ctx context.Context, tree index.Tree, stderr io.Writer) index.Result {
	p := newProgress(stderr, "one by one", len(tree.Files), plainInterval)
	defer p.end()
	return index.InOrder(ctx, tree.FS, tree.Files, p.show)
}

// stopwatch starts a measurement on a clean heap, so that neither run pays for
// the garbage of the one before.
func stopwatch() (elapsed func() time.Duration) {
	runtime.GC()
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
