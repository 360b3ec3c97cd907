package conformance

import "time"

// Option changes how [Run] and [Check] work.
type Option func(*options)

type options struct {
	budget    Budget
	seed      uint64
	rules     []string
	skips     map[string]string
	logf      func(string, ...any)
	progress  func(CaseResult)
	watchdog  time.Duration
	child     []string
	raceChild []string
	isolate   bool
	saveDir   string
	inChild   bool // this process is a child: it runs one case
}

// WithBudget sets the budget; the default is Short.
func WithBudget(b Budget) Option { return func(o *options) { o.budget = b } }

// WithSeed sets the seed of the random programs; the default is 1. A seed
// repeats the programs, not the choices of Go's scheduler.
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// WithRules selects rules, by "ORD-1", or cases, by "ORD-1/name". An unknown
// one is an error. A report on a selection is partial.
func WithRules(ids ...string) Option {
	return func(o *options) { o.rules = append(o.rules, ids...) }
}

// WithSkip leaves out a rule or case and says why. An empty reason is an error.
func WithSkip(id, reason string) Option {
	return func(o *options) {
		if o.skips == nil {
			o.skips = map[string]string{}
		}
		o.skips[id] = reason
	}
}

// WithLogf sets where the run logs each result, and an object what it likes to log.
// The default is nowhere; the subtests of Run show the results anyway.
func WithLogf(logf func(format string, args ...any)) Option {
	return func(o *options) { o.logf = logf }
}

// WithProgress sets a function that is told each result when it is there. It is
// called by one goroutine at a time.
func WithProgress(f func(CaseResult)) Option { return func(o *options) { o.progress = f } }

// WithWatchdog sets how long a case may go without an end, on an idle machine;
// the default is 30 s. The calibration stretches it on a busy one.
func WithWatchdog(d time.Duration) Option { return func(o *options) { o.watchdog = d } }

// WithChild sets the command that runs this same program again, such that it
// calls Check or Run with the same Factory and options. Cases that end the
// process need it, and read not-run without it. Usually it is os.Args. Run knows
// by itself how to run its test again. If the implementation ends this process, one of
// the children says which case ran.
//
// In the child process the environment names one case: Check runs that case,
// hands the result to the parent, and ends the process.
func WithChild(argv ...string) Option { return func(o *options) { o.child = argv } }

// WithRaceChild sets the same command for a binary built with the race detector,
// such as "go", "run", "-race", ".". The MEM rules need it, unless this program
// is built with the race detector itself.
func WithRaceChild(argv ...string) Option { return func(o *options) { o.raceChild = argv } }

// WithIsolation runs every case in a child process of its own: for an
// implementation that crashes, which is then a failure of the case. [Check] needs
// [WithChild] for it.
func WithIsolation() Option { return func(o *options) { o.isolate = true } }

// WithHistories sets a directory in which the history of each random program
// that violates a rule is saved, with the program. It is made if it is not there.
func WithHistories(dir string) Option { return func(o *options) { o.saveDir = dir } }
