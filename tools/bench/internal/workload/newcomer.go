package workload

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	busyObjects    = 1_000
	fewBusyObjects = 10                    // in tests
	busyWork       = 15 * time.Microsecond // of each of their jobs
	longestNew     = 5 * time.Millisecond  // the goal
)

// newcomer measures the longest time from the handing over of a background job to an idle
// object until it has run, while many other objects never run out of jobs.
type newcomer struct{}

func (newcomer) Name() string {
	return fmt.Sprintf("longest wait of a job beside %s busy objects", thousands(busyObjects))
}

func (w newcomer) LeftOut(peers []subject.Subject, _ measure.Options) []report.Omission {
	left := leftOut(w.Name(), subject.Again, peers)
	for _, p := range able(peers, subject.Again) {
		left = append(left, report.Omission{Workload: w.Name(), Subject: p.Name(), Why: "its goroutines give way only when they are preempted, so a round takes up to a minute"})
	}
	return left
}

func (newcomer) length(o measure.Options) time.Duration { return max(10*time.Millisecond, 20*o.Target) }

func (w newcomer) options(o measure.Options) measure.Options {
	o.Rounds = min(o.Rounds, someRounds/5)
	o.Children = 1
	return o
}

func (w newcomer) Rough(_ []subject.Subject, o measure.Options) time.Duration {
	return 2 * w.length(o) * time.Duration(w.options(o).Rounds)
}

func (w newcomer) Measure(ctx context.Context, own subject.Subject, _ []subject.Subject, o measure.Options) ([]report.Row, error) {
	some := []subject.Subject{own}
	all, err := isolated(ctx, w, false, names(some), some, w.options(o))
	if err != nil {
		return nil, err
	}
	return values(w.Name(), report.Longest, all, func(r report.Row) *report.Goal {
		return report.OwnGoal(r, float64(longestNew))
	}), nil
}

func (w newcomer) here(ctx context.Context, all []subject.Subject, t measure.Task) ([]measure.Series, error) {
	return longestOf(ctx, all, t, func(s subject.Subject) (time.Duration, error) {
		return arriving(s, t.Options.Shrunk(busyObjects, fewBusyObjects), w.length(t.Options))
	})
}

// arriving returns the longest wait in the time length, which begins when each of the busy
// objects has run a job.
func arriving(s subject.Subject, objects int, length time.Duration) (longest time.Duration, err error) {
	var stop atomic.Bool
	var begun atomic.Int64
	type busy struct {
		o     subject.Object
		given int // guarded by the object
	}
	all := make([]*busy, objects)
	for i := range all {
		b := &busy{o: s.New(), given: 1}
		all[i] = b
		var job func(*subject.State)
		job = func(s *subject.State) {
			if s.Ran++; s.Ran == 1 {
				begun.Add(1)
			}
			for began := time.Now(); time.Since(began) < busyWork; {
			}
			if !stop.Load() {
				b.given++
				b.o.Give(job)
			}
		}
		b.o.Give(job)
	}
	for begun.Load() < int64(objects) {
		time.Sleep(time.Millisecond)
	}
	third := s.New()
	defer third.Close()
	visits := 0
	for start := time.Now(); time.Since(start) < length; visits++ {
		done := make(chan struct{})
		began := time.Now()
		third.Give(func(s *subject.State) {
			s.Ran++
			close(done)
		})
		<-done
		longest = max(longest, time.Since(began))
		time.Sleep(100 * time.Microsecond)
	}
	stop.Store(true)
	wrong := []error{counted(third.Wait(), visits)}
	for _, b := range all {
		// The job that ran at that moment may have handed over another, behind the first
		// wait.
		b.o.Wait()
		ran := b.o.Wait()
		wrong = append(wrong, counted(ran, b.given))
		b.o.Close()
	}
	return longest, errors.Join(wrong...)
}
