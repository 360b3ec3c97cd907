package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/workload"
)

// What a run takes without --rounds.
const (
	fullRounds  = 50
	quickRounds = 10
	warmup      = 2
	fullRun     = 15 * time.Millisecond
	quickRun    = 3 * time.Millisecond
	stuck       = 30 * time.Second
)

type options struct {
	Run    string `placeholder:"REGEXP" help:"Only the workloads whose name matches."`
	Rounds *int   `placeholder:"N" help:"Rounds that count (${full}, with --quick ${quick})."`
	Quick  bool   `help:"Shorter runs and fewer rounds: a first look, not a measurement."`
	JSON   bool   `name:"json" help:"Write JSON instead of a table."`
	Strict bool   `help:"Exit with 1 if a goal is not reached."`

	run *regexp.Regexp
}

// Validate is called by kong.
func (o *options) Validate() (err error) {
	if o.Rounds != nil && *o.Rounds < 1 {
		return fmt.Errorf("--rounds=%d: must be at least 1", *o.Rounds)
	}
	if o.run, err = regexp.Compile(o.Run); err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	return nil
}

// choose returns the workloads that --run picks.
func (o *options) choose(all []workload.Workload) ([]workload.Workload, error) {
	var chosen []workload.Workload
	var names []string
	for _, w := range all {
		names = append(names, w.Name())
		if o.run.MatchString(w.Name()) {
			chosen = append(chosen, w)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--run=%s: no workload has such a name; there are: %s", o.Run, strings.Join(names, "; "))
	}
	return chosen, nil
}

// measuring returns how long and how often to run.
func (o *options) measuring() measure.Options {
	m := measure.Options{Rounds: fullRounds, Warmup: warmup, Target: fullRun, Limit: stuck}
	if o.Quick {
		m.Rounds, m.Target = quickRounds, quickRun
	}
	if o.Rounds != nil {
		m.Rounds = *o.Rounds
	}
	return m
}

const description = `Compare Desync with a mutex, a goroutine that owns a channel, and a goroutine per job, side by side in one process.

Exit codes: 0 done, whether or not the goals are reached; ` +
	`1 a run was wrong, such as jobs that were lost, or with --strict a goal was not reached; 2 wrong usage; ` +
	`130 interrupted: Ctrl-C prints the workloads that are complete, marked PARTIAL.`

// parseFlags returns ok == false if the program is to end with code.
func parseFlags(args []string, stdout, stderr io.Writer) (opts options, code int, ok bool) {
	helped := false
	parser, err := kong.New(&opts,
		kong.Name("bench"),
		kong.Description(description),
		kong.Vars{"full": fmt.Sprint(fullRounds), "quick": fmt.Sprint(quickRounds)},
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
		fmt.Fprintf(stderr, "bench: %v; run bench --help for what it takes\n", err)
		return opts, exitUsage, false
	}
	return opts, exitDone, true
}
