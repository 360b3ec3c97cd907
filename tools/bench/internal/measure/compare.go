// Package measure runs several sides in turn in one process and notes the time and the
// allocations of each run.
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
	Warmup int           // rounds that come first and do not count
	Target time.Duration // how long a run should take; 0 asks for the smallest run
	Limit  time.Duration // a run that takes longer counts as stuck

	// Shrink divides the sizes of large workloads, for tests; 0 and 1 leave them as they
	// are.
	Shrink int

	// Children is the number of processes for each task of a workload that is measured
	// in processes of its own. Isolate runs such a process; if it is nil, everything is
	// measured in this process.
	Children int                                                 `json:"-"`
	Isolate  func(ctx context.Context, t Task) ([]Series, error) `json:"-"`

	// Step, if it is not nil, is called during a comparison with the share that is done.
	Step func(share float64) `json:"-"`
}

// A Task is what one process measures: the named sides of a workload.
type Task struct {
	Workload string
	Sides    []string
	Options  Options
}

// Shrunk returns n, or a smaller number in tests, which is at least least.
func (o Options) Shrunk(n, least int) int { return max(n/max(o.Shrink, 1), min(n, least)) }

// Part returns the options for a part of a comparison, from one share of it to another.
func (o Options) Part(from, to float64) Options {
	if step := o.Step; step != nil {
		o.Step = func(share float64) { step(from + share*(to-from)) }
	}
	return o
}

// A Runner is one side of a comparison.
type Runner struct {
	Name string

	// The number of operations in a run must be a multiple of Batch.
	Batch int

	// Prepare sets up a run of n operations. It returns the part that is timed, and a
	// function that checks the result and cleans up.
	Prepare func(n int) (timed func(), check func() error)
}

// A Series has the figures of one side, round by round. A field without figures is
// empty.
type Series struct {
	Name       string
	Operations int       // in each run
	Nanos      []float64 // per operation
	Allocs     []float64 // per operation
	Values     []float64 // in the unit of the workload
	Goroutines []float64 // for each object that is weighed
}

type sample struct {
	took    time.Duration
	mallocs uint64
}

// Compare runs every runner once in each round, in an order that changes from round to
// round. It returns an error if the check of a run fails, if a run does not end, or at
// once when ctx ends.
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

// order returns the order of the runners in a round. It starts with another runner every
// two rounds, and goes backwards in the second of them, so that no runner always follows
// the same one.
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

// calibrate returns the number of operations for which a run takes about as long as it
// should.
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

// best returns the shortest time of a few runs, since the others may have been
// disturbed.
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
		// This runner must not pay for the garbage of the others.
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

// Watch returns what f returns. If ctx ends or the limit passes before that, it returns
// an error and leaves f running.
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
