// Demo counts the identifiers of Go source in three consumers of a Kafka in memory, of which one
// is killed and one is stopped for a while. They keep what they count in one SQLite database,
// which applies each record once, and the result is compared with a run in one process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
)

const usage = `usage: demo [flags] [DIRECTORY]

Counts the identifiers of the Go source in a directory, by default the packages below go of the toolchain.
Exit codes: 0 nothing was lost, applied twice or out of order; 1 something was; 2 wrong usage.

`

func main() {
	if isWorker() {
		os.Exit(workerMain())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second ends the process at once
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func command(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprint(errs, usage)
		flags.PrintDefaults()
	}
	fault := flags.String("fault", "", "break the workers on purpose: `"+strings.Join(faults, " or ")+"`")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 1 || *fault != "" && !slices.Contains(faults, *fault):
		flags.Usage()
		return 2
	}
	all, err := words(flags.Arg(0))
	if err != nil {
		fmt.Fprintf(errs, "demo: %v\n", err)
		return 2
	}
	ok, err := run(ctx, all, *fault, out)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "demo: interrupted")
		return 1
	case err != nil:
		fmt.Fprintf(errs, "demo: %v\n", err)
		return 1
	case !ok:
		return 1
	}
	return 0
}
