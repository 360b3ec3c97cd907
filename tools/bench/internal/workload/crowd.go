package workload

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	crowdSize   = 64
	crowdRounds = 5
	crowdLength = time.Second
)

// crowd measures the longest time in one second that one of many goroutines waits for an
// object, beside a mutex. Each goroutine calls again as soon as its job has run.
type crowd struct{ most float64 }

func (crowd) Name() string { return fmt.Sprintf("longest wait among %d hot goroutines", crowdSize) }

func (crowd) LeftOut([]subject.Subject, measure.Options) []report.Omission { return nil }

func (crowd) length(o measure.Options) time.Duration {
	return min(crowdLength, max(5*time.Millisecond, 67*o.Target))
}

func (w crowd) Rough(_ []subject.Subject, o measure.Options) time.Duration {
	return w.length(o) * time.Duration(len(crowdSides)*min(o.Rounds, crowdRounds))
}

// crowdSides are the sides. open makes an object, and returns the call by which a
// goroutine uses it, and a function that returns how many jobs have run, for when nobody
// uses the object.
var crowdSides = []struct {
	name string
	open func() (do func(job func(*subject.State)), ran func() int)
}{
	{"desync", func() (func(func(*subject.State)), func() int) {
		d := new(desync.Desync[subject.State])
		return d.Do, func() int { return ranOf(d) }
	}},
	{subject.MutexName, func() (func(func(*subject.State)), func() int) {
		l := new(guarded[subject.State])
		return l.do, func() int { return l.data.Ran }
	}},
}

func (w crowd) Measure(ctx context.Context, _ subject.Subject, _ []subject.Subject, o measure.Options) ([]report.Row, error) {
	rounds := min(o.Rounds, crowdRounds)
	longest := make([][]float64, len(crowdSides))
	for round := range rounds {
		for i, s := range crowdSides {
			runtime.GC()
			got, err := measure.Watch(ctx, o.Limit, func() (time.Duration, error) {
				do, ran := s.open()
				return longestIn(w.length(o), do, ran)
			})
			if err != nil {
				if ctx.Err() == nil {
					err = fmt.Errorf("%s: %w", s.name, err)
				}
				return nil, err
			}
			longest[i] = append(longest[i], float64(got))
		}
		if o.Step != nil {
			o.Step(float64(round+1) / float64(rounds))
		}
	}
	own, peer := longest[0], longest[1]
	ratio := measure.Quartiles(measure.Ratios(own, peer))
	row := report.Row{
		Workload: w.Name(), Against: crowdSides[1].name, Unit: report.Longest,
		Own: measure.Quartiles(own).Median, Peer: measure.Quartiles(peer).Median,
		Ratio:   &report.Ratio{Median: ratio.Median, Low: ratio.Low, High: ratio.High},
		Samples: &report.Samples{Own: own, Peer: peer},
	}
	row.Goal = report.RatioGoal(row, w.most)
	return []report.Row{row}, nil
}

// longestIn returns the time of the longest call of do in a time of this length.
func longestIn(length time.Duration, do func(job func(*subject.State)), ran func() int) (time.Duration, error) {
	var stop atomic.Bool
	var all sync.WaitGroup
	waits, calls, seen := make([]time.Duration, crowdSize), make([]int, crowdSize), make([]int, crowdSize)
	for g := range crowdSize {
		all.Go(func() {
			var longest time.Duration
			n, mine := 0, 0
			for began := time.Now(); !stop.Load(); n++ {
				do(func(s *subject.State) {
					s.Ran++
					s.Last = g
					mine++
				})
				ended := time.Now()
				longest, began = max(longest, ended.Sub(began)), ended
			}
			waits[g], calls[g], seen[g] = longest, n, mine
		})
	}
	time.Sleep(length)
	stop.Store(true)
	all.Wait()
	var longest time.Duration
	made, met := 0, 0
	for g := range crowdSize {
		longest = max(longest, waits[g])
		made += calls[g]
		met += seen[g]
	}
	return longest, errors.Join(answered(met, made), counted(ran(), made))
}
