// Natsmap looks at the objects of package natsmap on a NATS server, and decides about those that
// are parked. Run it with --help for its commands and exit codes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/nats-io/nats.go"
)

// The exit codes.
const (
	done  = 0
	fault = 1
	usage = 2
)

const help = `Natsmap looks at the objects of a family on a NATS server, and decides about those that are parked.

	natsmap [flags] families                 what families there are
	natsmap [flags] keys    FAMILY           the keys that have a state
	natsmap [flags] get     FAMILY KEY       the state of a key, and how old it is
	natsmap [flags] parked  FAMILY           the keys that stand still, and why
	natsmap [flags] resume  FAMILY KEY       run the command again at which a key stands
	natsmap [flags] skip    FAMILY KEY SEQ   give that command up; it goes to the dead letters

resume and skip need a process that serves the family. SEQ is the number that parked prints.

`

const exits = `
Exit codes: 0 done; 1 it could not be done, or there is no such key; 2 wrong usage.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are the flags.
type settings struct {
	url, creds, nkey string
	ca, cert, key    string
	timeout          time.Duration
}

func (s *settings) flags(w io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("natsmap", flag.ContinueOnError)
	f.SetOutput(w)
	f.Usage = func() {}
	url := os.Getenv("NATS_URL")
	if url == "" {
		url = nats.DefaultURL
	}
	f.StringVar(&s.url, "server", url, "`address` of the server, or several with commas; NATS_URL sets the default")
	f.StringVar(&s.creds, "creds", os.Getenv("NATS_CREDS"), "`file` with credentials; NATS_CREDS sets the default")
	f.StringVar(&s.nkey, "nkey", "", "`file` with the seed of an nkey")
	f.StringVar(&s.ca, "tlsca", "", "`file` with the certificates of the authorities to trust")
	f.StringVar(&s.cert, "tlscert", "", "`file` with the client's certificate")
	f.StringVar(&s.key, "tlskey", "", "`file` with its private key")
	f.DurationVar(&s.timeout, "timeout", 10*time.Second, "how long to wait for the server, and for resume and skip; `time` such as 1m")
	return f
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	f := s.flags(stderr)
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		f.SetOutput(stdout)
		f.PrintDefaults()
		fmt.Fprint(stdout, exits)
		return done
	case err != nil:
		return wrong(stderr, nil) // the package flag has said what is wrong
	case f.NArg() == 0:
		return wrong(stderr, errors.New("a command is missing"))
	}
	c, ok := commands()[f.Arg(0)]
	switch {
	case !ok:
		return wrong(stderr, fmt.Errorf("there is no command %q", f.Arg(0)))
	case f.NArg()-1 != len(c.takes):
		return wrong(stderr, fmt.Errorf("%s takes %d arguments, %v, and got %d", f.Arg(0), len(c.takes), c.takes, f.NArg()-1))
	}
	err := s.do(ctx, c, f.Args()[1:], stdout)
	if bad, ok := errors.AsType[*usageError](err); ok {
		return wrong(stderr, bad)
	}
	if err != nil {
		fmt.Fprintf(stderr, "natsmap: %v\n", err)
		return fault
	}
	return done
}

func wrong(stderr io.Writer, err error) int {
	if err != nil {
		fmt.Fprintf(stderr, "natsmap: %v\n", err)
	}
	fmt.Fprintln(stderr, "natsmap: run natsmap --help for what it takes")
	return usage
}

// A usageError is an argument that cannot be used.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// connect connects as the flags say.
func (s *settings) connect() (*nats.Conn, error) {
	opts := []nats.Option{nats.Name("natsmap"), nats.Timeout(s.timeout)}
	if s.creds != "" {
		opts = append(opts, nats.UserCredentials(s.creds))
	}
	if s.nkey != "" {
		o, err := nats.NkeyOptionFromSeed(s.nkey)
		if err != nil {
			return nil, fmt.Errorf("the nkey in %s: %w", s.nkey, err)
		}
		opts = append(opts, o)
	}
	if s.ca != "" {
		opts = append(opts, nats.RootCAs(s.ca))
	}
	if s.cert != "" || s.key != "" {
		opts = append(opts, nats.ClientCert(s.cert, s.key))
	}
	nc, err := nats.Connect(s.url, opts...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.url, err)
	}
	return nc, nil
}
