package workload

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	coreObjects = 64
	coreRounds  = 10
	speedUp     = 1.9 // the goal, with two cores
)

// cores measures how much faster the long jobs of many objects run with two cores
// than with one. Rounds with one and with two alternate, in a process of their own.
type cores struct{}

func (cores) Name() string { return "CPU-heavy jobs over 64 objects, 2 cores" }

func (w cores) LeftOut(peers []subject.Subject, _ measure.Options) []report.Omission {
	return leftOut(w.Name(), subject.Background, peers)
}

func (w cores) options(o measure.Options) measure.Options {
	o.Rounds = min(o.Rounds, coreRounds)
	o.Target *= 2
	o.Children = 1
	return o
}

func (w cores) Rough(peers []subject.Subject, o measure.Options) time.Duration {
	o = w.options(o)
	return 2 * o.Target * time.Duration((1+len(able(peers, subject.Background)))*(6+o.Warmup+o.Rounds))
}

func (w cores) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	some := able(append([]subject.Subject{own}, peers...), subject.Background)
	all, err := isolated(ctx, w, false, names(some), some, w.options(o))
	if err != nil {
		return nil, err
	}
	return values(w.Name(), report.SpeedUp, all, func(r report.Row) *report.Goal { return report.LeastGoal(r, speedUp) }), nil
}

func (w cores) here(ctx context.Context, all []subject.Subject, t measure.Task) ([]measure.Series, error) {
	some, err := named(all, t.Sides)
	if err != nil {
		return nil, err
	}
	var runners []measure.Runner
	for _, s := range some {
		runners = append(runners, w.runner(s, 1), w.runner(s, 2))
	}
	got, err := measure.Compare(ctx, runners, t.Options)
	if err != nil {
		return nil, err
	}
	var series []measure.Series
	for i, s := range some {
		one, two := got[2*i], got[2*i+1]
		series = append(series, measure.Series{Name: s.Name(), Operations: two.Operations, Values: measure.Ratios(one.Nanos, two.Nanos)})
	}
	return series, nil
}

func (w cores) runner(s subject.Subject, procs int) measure.Runner {
	return measure.Runner{
		Name:  fmt.Sprintf("%s with %s", s.Name(), count(procs, "core")),
		Batch: coreObjects,
		Prepare: func(n int) (func(), func() error) {
			before := runtime.GOMAXPROCS(procs)
			all := make([]subject.Object, coreObjects)
			x := make([]uint64, coreObjects)
			for i := range all {
				all[i] = s.New()
			}
			ran := make([]int, coreObjects)
			run := func() {
				for range n / coreObjects {
					for i, o := range all {
						o.Give(func(s *subject.State) {
							s.Ran++
							x[i] = long(x[i])
						})
					}
				}
				for i, o := range all {
					ran[i] = o.Wait()
				}
			}
			return run, func() error {
				runtime.GOMAXPROCS(before)
				var wrong []error
				for i, o := range all {
					wrong = append(wrong, counted(ran[i], n/coreObjects))
					if i == 0 {
						wrong = append(wrong, ordered(s, o))
					}
					o.Close()
				}
				return errors.Join(wrong...)
			}
		},
	}
}

// long takes about 20 microseconds.
func long(x uint64) uint64 {
	for range 20 {
		x = spin(x)
	}
	return x
}
