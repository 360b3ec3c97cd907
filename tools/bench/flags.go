package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-desync/go-desync/tools/bench/internal/child"
)

type options struct {
	Run   runOptions  `cmd:"" default:"withargs" help:"Measure and write a report. This is what happens without a command."`
	Page  pageOptions `cmd:"" help:"Write a report that was saved as JSON as a page of HTML, to the standard output."`
	Child struct{}    `cmd:"" hidden:""`
}

type runOptions struct {
	Run     string   `placeholder:"REGEXP" help:"Only the workloads whose name matches."`
	Row     []string `placeholder:"ROW" sep:"none" help:"Only this row, by the name in the last column of the table; may be given several times."`
	Goals   bool     `help:"Only the workloads that have goals, and the peers that these refer to: half of the time."`
	Rounds  *int     `placeholder:"N" help:"Rounds that count (${full}, with --quick ${quick}). Some workloads have fewer."`
	Quick   bool     `help:"Shorter runs and fewer rounds: a first look, not a measurement."`
	JSON    bool     `name:"json" help:"Write JSON instead of a table."`
	HTML    string   `name:"html" placeholder:"FILE" help:"Write a page with plots too."`
	GoBench string   `name:"gobench" placeholder:"FILE" help:"Write the rounds in the format of Go's benchmarks too, for benchstat."`
	Readme  string   `placeholder:"FILE" help:"Write the rows with goals into this file too, between its markers."`
	Strict  bool     `help:"Exit with 1 if a goal is not reached."`

	run *regexp.Regexp
}

// Validate is called by kong.
func (o *runOptions) Validate() (err error) {
	if o.Rounds != nil && *o.Rounds < 1 {
		return fmt.Errorf("--rounds=%d: must be at least 1", *o.Rounds)
	}
	if o.run, err = regexp.Compile(o.Run); err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	if len(o.Row) > 0 && (o.Run != "" || o.Goals) {
		return errors.New("--row names a workload and a peer: it does not go with --run or --goals")
	}
	for _, row := range o.Row {
		if workload, peer, _ := strings.Cut(row, "/"); workload == "" || peer == "" {
			return fmt.Errorf("--row=%s: must be WORKLOAD/PEER, as in do/mutex", row)
		}
	}
	if o.Readme != "" && (o.Run != "" || len(o.Row) > 0 || o.Quick) {
		return errors.New("--readme takes the whole measurement: it does not go with --run, --row or --quick")
	}
	return nil
}

type pageOptions struct {
	Report string `arg:"" help:"A report, saved with --json."`
}

const description = `Compare Desync with a mutex, a goroutine that owns a channel, a goroutine per job, and libraries of others, side by side.

Exit codes: 0 done, whether or not the goals are reached; ` +
	`1 a run was wrong, such as jobs that were lost, or with --strict a goal was not reached; 2 wrong usage; ` +
	`130 interrupted: Ctrl-C prints the workloads that are complete, marked PARTIAL.`

// parseFlags returns ok == false if the program must end; code is then its exit
// code.
func parseFlags(args []string, stdout, stderr io.Writer) (command string, opts *options, code int, ok bool) {
	helped := false
	opts = &options{}
	parser, err := kong.New(opts,
		kong.Name("bench"),
		kong.Description(description),
		kong.Vars{"full": fmt.Sprint(fullRounds), "quick": fmt.Sprint(quickRounds)},
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
	)
	var parsed *kong.Context
	if err == nil {
		parsed, err = parser.Parse(args)
	}
	switch {
	case helped:
		return "", opts, exitDone, false
	case err != nil:
		fmt.Fprintf(stderr, "bench: %v; run bench --help for what it takes\n", err)
		return "", opts, exitUsage, false
	}
	command, _, _ = strings.Cut(parsed.Command(), " <")
	return command, opts, exitDone, true
}

// The commands other than run.
const (
	pageCommand  = "page"
	childCommand = child.Command
)
