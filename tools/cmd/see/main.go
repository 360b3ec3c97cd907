// See runs a program in which something is slow, something is stuck and one key is hot, and
// serves the page that shows it. Run it with --help for its flags and exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/index"
)

func main() { os.Exit(run(cli.Context(), os.Args[1:], os.Stdout, os.Stderr)) }

type options struct {
	Dir  string        `arg:"" optional:"" help:"Directory with Go source. Without it, the standard library's source of the toolchain in use."`
	Addr string        `default:"localhost:0" placeholder:"HOST:PORT" help:"Where to serve the page (${default}: any free port). Only requests from this machine are answered."`
	Dump string        `placeholder:"DIR" help:"Write timeline.html and trace.json into this directory, which is made if there is none, and end."`
	For  time.Duration `default:"4s" placeholder:"DURATION" help:"How long to work before the files of --dump are written (${default})."`
}

func (o *options) Validate() error {
	if o.For <= 0 {
		return fmt.Errorf("--for=%v: must be longer than nothing", o.For)
	}
	return nil
}

const description = `Work on Go source with objects of which one is slow, one suspended and two wait for each other, and serve the page that shows it.

The page is that of adapters/debug, from a recorder of adapters/flight that all objects have as their observer. A watchdog ` +
	`writes to standard error what is stuck. The program works until Ctrl-C.

Exit codes: 0 done, also after Ctrl-C; 1 the page could not be served or a file not be written; 2 wrong usage, such as a directory without Go files.`

// run is the program. It prints the page's address to stdout, reports and complaints to
// stderr, and returns the exit code when ctx has ended.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var opts options
	if _, code, ok := cli.Parse("see", description, &opts, args, stdout, stderr); !ok {
		return code
	}
	tree, err := index.Open(ctx, opts.Dir)
	if err != nil {
		fmt.Fprintf(stderr, "see: %v\n", err)
		return cli.Usage
	}
	if opts.Dump != "" { // before the work, which takes a while
		if err := os.MkdirAll(opts.Dump, 0o777); err != nil {
			fmt.Fprintf(stderr, "see: %v; choose another directory by --dump\n", err)
			return cli.Fault
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	recorder := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
	s := newScene(recorder)
	// Before the next line nothing runs, and at the end of run nothing does.
	defer s.end()
	s.begin(ctx, tree)
	if opts.Dump != "" {
		err = dump(ctx, recorder, opts, stdout)
	} else {
		go recorder.Watch(ctx, flight.Watch{
			Running: 5 * time.Second, Waiting: 5 * time.Second,
			Report: flight.LogReport(slog.New(slog.NewTextHandler(stderr, nil))),
		})
		err = serve(ctx, recorder, opts.Addr, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "see: %v\n", err)
		return cli.Fault
	}
	return cli.Done
}

// questions are what the page answers about this program.
const questions = `
%s

What is stuck?             exports is suspended, and jobs wait behind it.
Who waits for whom?        accounts and ledger wait for each other: the chain is a ring.
Why did this job wait?     Jobs of disk are slow. Click one that has waited.
Which key is hot?          Of packages, cmd: most files of the standard library are there.
What is slow, since when?  The latency of disk, with the last jobs that were slow.
`

func serve(ctx context.Context, recorder *flight.Recorder, addr string, stdout io.Writer) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address by --addr", err)
	}
	mux := http.NewServeMux()
	debug.Register(mux, recorder)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	fmt.Fprintf(stdout, questions, "http://"+listener.Addr().String()+"/debug/desync/")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func dump(ctx context.Context, recorder *flight.Recorder, opts options, stdout io.Writer) error {
	select {
	case <-ctx.Done():
	case <-time.After(opts.For):
	}
	snapshot := recorder.Snapshot()
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{"timeline.html", snapshot.WriteHTML}, {"trace.json", snapshot.WriteChrome}} {
		name := filepath.Join(opts.Dump, f.name)
		if err := writeFile(name, f.write); err != nil {
			return err
		}
		fmt.Fprintln(stdout, name)
	}
	return nil
}

func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f)
}
