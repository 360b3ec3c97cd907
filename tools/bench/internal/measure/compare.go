// Package measure runs things alternately in one process and keeps the time and
// the allocations of each run.
package measure

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Options say how long and how often to run.
type Options struct {
	Rounds int
	Warmup int           // rounds before them that do not count
	Target time.Duration // of one run; 0 is the smallest run that there is
	Limit  time.Duration // after which a run counts as stuck

	// Shrink divides the sizes of large workloads, for tests; 0 and 1 leave them.
	Shrink int

	// Children is how many processes a workload with processes of its own has, for
	// each of what they measure. Isolate runs one; if it is nil all happens in this
	// process.
	Children int                                                 `json:"-"`
	Isolate  func(ctx context.Context, t Task) ([]Series, error) `json:"-"`

	// Step, if it is not nil, is told what share of a comparison is done.
	Step func(share float64) `json:"-"`
}

// A Task is what a process of its own measures: the named sides of a workload.
type Task struct {
	Workload string
	Sides    []string
	Options  Options
}

// Shrunk returns n, or less for tests, but at least least.
func (o Options) Shrunk(n, least int) int { return max(n/max(o.Shrink, 1), min(n, least)) }

// Part returns the options of a part of a comparison, between two shares of it.
func (o Options) Part(from, to float64) Options {
	if step := o.Step; step != nil {
		o.Step = func(share float64) { step(from + share*(to-from)) }
	}
	return o
}

// A Runner is one side of a comparison.
type Runner struct {
	Name string

	// Batch is what the number of operations in a run has to be a multiple of.
	Batch int

	// Prepare sets up a run of n operations. It returns the part to be timed
	// and a check of what it has done, which also cleans up.
	Prepare func(n int) (timed func(), check func() error)
}

// A Series is what was measured of one side, round by round. What it has no figures
// of is empty.
type Series struct {
	Name       string
	Operations int       // in each run
	Nanos      []float64 // per operation
	Allocs     []float64 // per operation
	Values     []float64 // in the unit of the workload
	Goroutines []float64 // for each of what is weighed
}

type sample struct {
	took    time.Duration
	mallocs uint64
}

// Compare runs every runner once in each round, in an order that changes from
// round to round. It returns an error when the check of a run fails, when a run
// does not end, and at once when ctx ends.
func Compare(ctx context.Context, runners []Runner, o Options) ([]Series, error) {
	all := make([]Series, len(runners))
	for i, r := range runners {
		n, err := calibrate(ctx, r, o)
		if err != nil {
			return nil, err
		}
		all[i].Name, all[i].Operations = r.Name, n
	}
	for round := range o.Warmup + o.Rounds {
		for _, i := range order(len(runners), round) {
			n := all[i].Operations
			got, err := run(ctx, runners[i], n, o.Limit)
			if err != nil {
				return nil, err
			}
			if round < o.Warmup {
				continue
			}
			all[i].Nanos = append(all[i].Nanos, float64(got.took)/float64(n))
			all[i].Allocs = append(all[i].Allocs, float64(got.mallocs)/float64(n))
		}
		if o.Step != nil {
			o.Step(float64(round+1) / float64(o.Warmup+o.Rounds))
		}
	}
	return all, nil
}

// order starts with another runner every two rounds, and goes backwards in the
// second, so that none always follows the same one.
func order(runners, round int) []int {
	var places []int
	for i := range runners {
		places = append(places, (i+round/2)%runners)
	}
	if round%2 == 1 {
		slices.Reverse(places)
	}
	return places
}

// calibrate returns the number of operations of a run that takes about as long as
// it should.
func calibrate(ctx context.Context, r Runner, o Options) (n int, err error) {
	if o.Target == 0 {
		return r.Batch, nil
	}
	const growth = 4
	for n = r.Batch; ; n *= growth {
		took, err := best(ctx, r, n, o)
		if err != nil {
			return 0, err
		}
		if took >= o.Target/(2*growth) {
			batches := float64(n/r.Batch) * float64(o.Target) / float64(max(took, 1))
			return max(1, int(batches+0.5)) * r.Batch, nil
		}
	}
}

// best returns the shortest of a few runs: one that was disturbed says nothing.
func best(ctx context.Context, r Runner, n int, o Options) (time.Duration, error) {
	shortest := o.Limit
	for range 3 {
		got, err := run(ctx, r, n, o.Limit)
		if err != nil {
			return 0, err
		}
		shortest = min(shortest, got.took)
	}
	return shortest, nil
}

func run(ctx context.Context, r Runner, n int, limit time.Duration) (sample, error) {
	got, err := Watch(ctx, limit, func() (sample, error) {
		timed, check := r.Prepare(n)
		// What others have left behind is not to be cleaned up at this
		// runner's cost.
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		timed()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		return sample{took, after.Mallocs - before.Mallocs}, check()
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w", r.Name, err)
	}
	return got, err
}

// Watch returns what f returns, or an error when ctx ends or the limit has passed
// before that. Then f is left to itself.
func Watch[R any](ctx context.Context, limit time.Duration, f func() (R, error)) (R, error) {
	type outcome struct {
		r   R
		err error
	}
	var none R
	if err := ctx.Err(); err != nil {
		return none, err
	}
	ended := make(chan outcome, 1)
	go func() {
		r, err := f()
		ended <- outcome{r, err}
	}()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case o := <-ended:
		return o.r, o.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-late.C:
		return none, fmt.Errorf("a run did not end within %v", limit)
	}
}
