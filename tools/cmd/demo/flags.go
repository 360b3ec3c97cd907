package main

import (
	"fmt"
	"io"
	"runtime"
	"strconv"

	"github.com/alecthomas/kong"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

type options struct {
	Dir        string `arg:"" optional:"" help:"Directory with Go source. Without it, the standard library's source of the toolchain in use."`
	Top        int    `default:"10" placeholder:"N" help:"Identifiers and packages to print (${default})."`
	InFlight   int    `default:"${inflight}" placeholder:"N" help:"Files in memory at a time (${default})."`
	AllSkipped bool   `help:"Name every file that was passed over, not only the first few."`
}

func (o *options) Validate() error {
	if o.Top < 1 {
		return fmt.Errorf("--top=%d: must be at least 1", o.Top)
	}
	if o.InFlight < 1 {
		return fmt.Errorf("--in-flight=%d: must be at least 1", o.InFlight)
	}
	return nil
}

const description = `Index a tree of Go source with Desync objects, and check the result.

The files are read in parallel. Several objects own the index between them: files hand their counts to Async, ` +
	`the progress display asks with Sync while the work goes on, and futures bring the final report. ` +
	`Then the same work is done one file after the other, and the two results are compared. ` +
	`The parallel run goes first: if the files are not yet in the system's cache, that counts against it.

Exit codes: 0 done; 1 a fault was found, such as results that differ; 2 wrong usage, such as a directory without Go files; ` +
	`130 interrupted: Ctrl-C stops the work and prints what was done so far, marked PARTIAL.`

// parseFlags returns ok == false if the program must end; code is then its exit
// code.
func parseFlags(args []string, stdout, stderr io.Writer) (opts options, code int, ok bool) {
	_, code, ok = cli.Parse("demo", description, &opts, args, stdout, stderr,
		kong.Vars{"inflight": strconv.Itoa(2 * runtime.GOMAXPROCS(0))})
	return opts, code, ok
}
