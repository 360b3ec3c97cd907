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

// WithRules selects rules, such as "ORD-1", or cases, such as "ORD-1/queue". An unknown
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

// WithLogf sets the function that logs each result, and what objects log. Without it
// nothing is logged; the subtests of Run show the results anyway.
func WithLogf(logf func(format string, args ...any)) Option {
	return func(o *options) { o.logf = logf }
}

// WithProgress sets a function that is called with each result as soon as it is known,
// by one goroutine at a time.
func WithProgress(f func(CaseResult)) Option { return func(o *options) { o.progress = f } }

// WithWatchdog sets how long a case may take on an idle machine; the default is 30 s.
// On a busy machine it may take longer, in proportion to what the suite measures.
func WithWatchdog(d time.Duration) Option { return func(o *options) { o.watchdog = d } }

// WithChild sets a command that runs this program again, so that it calls Check or Run with
// the same Factory and options. Often it is os.Args. Cases that end the process need it;
// without it their verdict is not-run. A program that is built with the race detector runs
// all cases so, and a data race fails its case. Run does not need it: it runs its own test
// again. If the implementation ends this process, a child prints which case ran.
//
// In a child process the environment names one case. Check runs that case, passes the
// result to the parent, and ends the process.
func WithChild(argv ...string) Option { return func(o *options) { o.child = argv } }

// WithRaceChild sets the same command for a binary built with the race detector, such
// as "go", "run", "-race", ".". The MEM rules need it, unless this program is built
// with the race detector itself.
func WithRaceChild(argv ...string) Option { return func(o *options) { o.raceChild = argv } }

// WithIsolation runs every case in a child process of its own, so that a crash is a
// failure of the case and does not end the run. [Check] needs [WithChild] for it.
func WithIsolation() Option { return func(o *options) { o.isolate = true } }

// WithHistories sets a directory. If a random program violates a rule, its history is
// saved there, with the program. The directory is made if it does not exist.
func WithHistories(dir string) Option { return func(o *options) { o.saveDir = dir } }
