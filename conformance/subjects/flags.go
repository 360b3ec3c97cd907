package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

type options struct {
	Subject  []string `short:"s" placeholder:"NAME" help:"Only this subject; may be given several times."`
	Rule     []string `short:"r" placeholder:"RULE" help:"Only this rule or case; may be given several times."`
	Budget   string   `enum:"short,full" default:"short" placeholder:"BUDGET" help:"How much time to take: short, some seconds for a subject (the default), or full, a minute or more."`
	Seed     uint64   `default:"1" placeholder:"N" help:"The seed of the random programs (${default})."`
	Parallel int      `default:"3" placeholder:"N" help:"How many subjects to judge at a time (${default}): much of a run only waits."`
	NoRace   bool     `help:"Leave out the rules about memory, for which this program is built again with the race detector."`
	Write    string   `placeholder:"FILE" help:"Write the table of all subjects into this file, between its markers, instead of to the standard output."`
}

// Validate is called by kong.
func (o *options) Validate() error {
	if o.Write != "" && (len(o.Subject) > 0 || len(o.Rule) > 0 || o.NoRace) {
		return errors.New("--write takes the whole table: it does not go with --subject, --rule or --no-race")
	}
	if o.Parallel < 1 {
		return fmt.Errorf("--parallel=%d: must be at least 1", o.Parallel)
	}
	return nil
}

const description = `Run the conformance suite on Desync and on other ways to run jobs one at a time, each in a process of its own, and write the verdicts as a table.

With a command instead of flags, as in "run --subject pond" or "explain ORD-1", it is desync-conform with these subjects; "help" is not one, but "run --help" is.

Exit codes: 0 done; ` +
	`1 a subject's process ended without a report, a subject that is correct did not pass a rule, or the table was to be written and a report is partial or ` +
	`the verdict on a deterministic rule is another one than before, as is said then; 2 wrong usage; ` +
	`130 interrupted.`

// parseFlags returns ok == false if the program is to end with code.
func parseFlags(args []string, stdout, stderr io.Writer) (opts options, code int, ok bool) {
	helped := false
	parser, err := kong.New(&opts,
		kong.Name("conform"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
	)
	if err == nil {
		_, err = parser.Parse(args)
	}
	switch {
	case helped:
		return opts, exitDone, false
	case err != nil:
		fmt.Fprintf(stderr, "conform: %v; run it with --help for what it takes\n", err)
		return opts, exitUsage, false
	}
	return opts, exitDone, true
}
