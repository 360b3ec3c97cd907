package workload

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	hotObjects     = 3
	hotJobs        = 64 // on each object; each hands itself over again
	fairnessRounds = 10
	longestWait    = time.Millisecond // the goal
)

// fairness measures the longest wait of a goroutine that yields and then uses an idle
// object, while three other objects never run out of jobs. Three is more than the
// number of cores of the machine on which the goals are judged.
type fairness struct{}

func (fairness) Name() string { return "longest wait beside 3 hot objects" }

func (w fairness) LeftOut(peers []subject.Subject, _ measure.Options) []report.Omission {
	return append(leftOut(w.Name(), subject.Again, peers), leftOut(w.Name(), subject.Do, able(peers, subject.Again))...)
}

func (fairness) able(all []subject.Subject) []subject.Subject {
	return able(able(all, subject.Again), subject.Do)
}

// length returns how long one round takes.
func (fairness) length(o measure.Options) time.Duration { return max(5*time.Millisecond, 6*o.Target) }

func (w fairness) options(o measure.Options) measure.Options {
	o.Rounds = min(o.Rounds, fairnessRounds)
	o.Children = 1
	return o
}

func (w fairness) Rough(peers []subject.Subject, o measure.Options) time.Duration {
	return w.length(o) * time.Duration((1+len(w.able(peers)))*(1+w.options(o).Rounds))
}

func (w fairness) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	some := w.able(append([]subject.Subject{own}, peers...))
	all, err := isolated(ctx, w, false, names(some), some, w.options(o))
	if err != nil {
		return nil, err
	}
	return values(w.Name(), report.Longest, all, func(r report.Row) *report.Goal {
		return report.OwnGoal(r, float64(longestWait))
	}), nil
}

func (w fairness) here(ctx context.Context, all []subject.Subject, t measure.Task) ([]measure.Series, error) {
	return longestOf(ctx, all, t, func(s subject.Subject) (time.Duration, error) { return beside(s, w.length(t.Options)) })
}

// longestOf measures the longest wait beside each side of the task, in turns.
func longestOf(ctx context.Context, all []subject.Subject, t measure.Task, wait func(subject.Subject) (time.Duration, error)) ([]measure.Series, error) {
	some, err := named(all, t.Sides)
	if err != nil {
		return nil, err
	}
	series := make([]measure.Series, len(some))
	for range t.Options.Rounds {
		for i, s := range some {
			runtime.GC()
			longest, err := measure.Watch(ctx, t.Options.Limit, func() (time.Duration, error) { return wait(s) })
			if err != nil {
				if ctx.Err() == nil {
					err = fmt.Errorf("%s: %w", s.Name(), err)
				}
				return nil, err
			}
			series[i].Name = s.Name()
			series[i].Values = append(series[i].Values, float64(longest))
		}
	}
	return series, nil
}

// beside returns the longest wait in the time length.
func beside(s subject.Subject, length time.Duration) (longest time.Duration, err error) {
	var stop atomic.Bool
	var hot []*hotObject
	for range hotObjects {
		hot = append(hot, heat(s, &stop))
	}
	third := s.New()
	defer third.Close()
	visits, met := 0, 0
	for start := time.Now(); time.Since(start) < length; {
		began := time.Now()
		runtime.Gosched()
		met += third.(subject.Doer).Do(1)
		longest = max(longest, time.Since(began))
		visits++
	}
	stop.Store(true)
	wrong := []error{answered(met, visits), counted(third.Wait(), visits)}
	for _, h := range hot {
		wrong = append(wrong, h.end(s))
	}
	return longest, errors.Join(wrong...)
}

// A hotObject always has jobs: each job hands itself over again.
type hotObject struct {
	o subject.Object

	// Guarded by the object.
	given, next, wrong int
}

func heat(s subject.Subject, stop *atomic.Bool) *hotObject {
	h := &hotObject{o: s.New(), given: hotJobs}
	gate := make(chan struct{})
	defer close(gate)
	h.o.Give(func(*subject.State) { <-gate }) // until the order of the jobs is set
	for id := range hotJobs {
		var job func(*subject.State)
		job = func(s *subject.State) {
			s.Ran++
			if h.next != id {
				h.wrong++
			}
			h.next = (id + 1) % hotJobs
			if !stop.Load() {
				h.given++
				h.o.Give(job)
			}
		}
		h.o.Give(job)
	}
	return h
}

// end checks the object when it has been told to stop.
func (h *hotObject) end(s subject.Subject) error {
	defer h.o.Close()
	// The job that ran at that moment may have handed over another, behind the first
	// wait.
	h.o.Wait()
	ran := h.o.Wait()
	if err := counted(ran, h.given); err != nil {
		return err
	}
	if h.wrong > 0 && subject.Why(s, subject.Order) == "" {
		return fmt.Errorf("%d of %d jobs of a hot object ran out of their order", h.wrong, ran)
	}
	return nil
}
