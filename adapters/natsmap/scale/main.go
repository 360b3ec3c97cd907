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

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// The exit codes.
const (
	done  = 0
	fault = 1
	usage = 2
)

const help = `Scale shows what natsmap promises when processes and servers are killed, stand still or are cut off.

	scale rows [-run Name] [-runs n] [-on one|three|both] [-fault name]
	scale bench [-quick]
	scale demo [directory]

rows   runs each row once on one server and once on three, and judges count, sum and order of each key
bench  measures natsmap beside plain consumers of NATS JetStream
demo   counts the identifiers of a tree of Go source in three processes, one of which is killed and one stopped

Exit codes: 0 all holds; 1 a promise is broken; 2 wrong usage.
"scale rows -help" and so on say more.
`

func main() {
	child.Main()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	commands := map[string]func(ctx context.Context, args []string, stdout, stderr io.Writer) int{
		"rows": runRows, "bench": runBench, "demo": runDemo,
	}
	switch {
	case len(args) == 0:
		fmt.Fprint(stderr, help)
		return usage
	case args[0] == "help" || args[0] == "-help" || args[0] == "--help" || args[0] == "-h":
		fmt.Fprint(stdout, help)
		return done
	case commands[args[0]] == nil:
		fmt.Fprintf(stderr, "scale: there is no command %q; run scale --help for what there is\n", args[0])
		return usage
	}
	return commands[args[0]](ctx, args[1:], stdout, stderr)
}

// parse reads flags. If it returns false, the program must end with the code.
func parse(f *flag.FlagSet, args []string, most int, stdout, stderr io.Writer) (code int, ok bool) {
	f.SetOutput(stderr)
	f.Usage = func() {}
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(stdout)
		fmt.Fprintf(stdout, "The flags of scale %s:\n", f.Name())
		f.PrintDefaults()
		return done, false
	case err == nil && f.NArg() > most:
		err = fmt.Errorf("unexpected argument: %s", f.Arg(most))
		fmt.Fprintln(stderr, err)
	}
	if err != nil {
		fmt.Fprintf(stderr, "scale: run scale %s -help for what it takes\n", f.Name())
		return usage, false
	}
	return done, true
}

// faultFlag defines the flag by which something goes wrong on purpose.
func faultFlag(f *flag.FlagSet) *string {
	wrong := new(string)
	f.Func("fault", fmt.Sprintf("break something on purpose, to see that it is found: one `name` of %v", tally.Faults()), func(name string) error {
		if !slices.Contains(tally.Faults(), name) {
			return fmt.Errorf("it must be one of %v", tally.Faults())
		}
		*wrong = name
		return nil
	})
	return wrong
}
