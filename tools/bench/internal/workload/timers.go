package workload

import (
	"math"
	"runtime"
	"sync"
	"time"

	clock "github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	timers       = 100_000 // that are weighed
	timersFired  = 100_000
	timerObjects = 1_000
	timersByHand = "time.AfterFunc and Async"
)

// A setter sets a timer and returns what stops it.
type setter func(o *desync.Desync[subject.State], delay time.Duration, job func(*subject.State)) (stop func() bool)

func setTimed(o *desync.Desync[subject.State], delay time.Duration, job func(*subject.State)) (stop func() bool) {
	return clock.After(o, delay, job).Stop
}

func setByHand(o *desync.Desync[subject.State], delay time.Duration, job func(*subject.State)) (stop func() bool) {
	return time.AfterFunc(delay, func() { o.Async(job) }).Stop
}

// perTimer weighs a timer that is set.
func perTimer(most float64) Workload {
	const name = "memory of a timer"
	return weighed{
		name:  name,
		rough: time.Second,
		sides: func([]subject.Subject) []scale {
			return []scale{timerScale("timed.After", setTimed), timerScale(timersByHand, setByHand)}
		},
		rows: func(all []measure.Series) []report.Row {
			rows := values(name, report.BytesPerTimer, all, nil)
			row := &rows[1]
			ratio := measure.Quartiles(measure.Ratios(all[0].Values, all[1].Values))
			row.Ratio = &report.Ratio{Median: ratio.Median, Low: ratio.Low, High: ratio.High}
			row.Goal = report.RatioGoal(*row, most)
			return rows[1:]
		},
	}
}

func timerScale(name string, set setter) scale {
	return scale{name, func(o measure.Options) (weight, error) {
		n := o.Shrunk(timers, few)
		d := desync.New(subject.State{})
		stops := make([]func() bool, n)
		setAll := func() {
			for i := range stops {
				stops[i] = set(d, time.Hour, func(s *subject.State) { s.Ran++ })
			}
		}
		stopAll := func() (stopped int) {
			for i, stop := range stops {
				if stop() {
					stopped++
				}
				stops[i] = nil
			}
			return stopped
		}
		setAll() // the runtime keeps the memory of its heaps of timers
		stopped := stopAll()
		before := settle()
		setAll()
		after := settle()
		got := weight{
			bytes:      math.Round(float64(after.bytes-before.bytes) / float64(n)),
			goroutines: float64(after.goroutines-before.goroutines) / float64(n),
		}
		stopped += stopAll()
		runtime.KeepAlive(d)
		return got, counted(stopped, 2*n)
	}}
}

// timersFire measures timers on many objects from their setting until their jobs have run.
func timersFire(most float64) Workload {
	fire := func(name string, set setter) side {
		return side{name, func(n int) (func(), func() []int) {
			objects := make([]*desync.Desync[subject.State], timerObjects)
			for i := range objects {
				objects[i] = desync.New(subject.State{})
			}
			var all sync.WaitGroup
			all.Add(n)
			run := func() {
				for i := range n {
					set(objects[i%timerObjects], time.Microsecond, func(s *subject.State) {
						s.Ran++
						s.Last = i
						all.Done()
					})
				}
				all.Wait()
			}
			return run, func() []int {
				ran := 0
				for _, o := range objects {
					ran += ranOf(o)
				}
				return []int{ran}
			}
		}}
	}
	return versus{
		name:  "100,000 timers, until their jobs have run",
		batch: timersFired,
		least: 1_000,
		most:  10,
		goals: goals{timersByHand: {most: most}},
		own:   fire("timed.After", setTimed),
		peers: []side{fire(timersByHand, setByHand)},
	}
}
