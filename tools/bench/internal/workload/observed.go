package workload

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

const nopObserver = "an observer that does nothing"

// observedWork is what an observed object owns.
type observedWork struct {
	ran int
	x   uint64
}

// observedSide makes calls of an object with these options, by several goroutines at once.
// The observer is that of a program: one for all rounds, whose memory has been used before.
func observedSide(name string, goroutines, steps int, opts func() []desync.Option) side {
	opts = sync.OnceValue(opts)
	return side{name, func(n int) (func(), func() []int) {
		d := desync.New(observedWork{}, append(opts(), desync.WithName("observed"))...)
		job := observedJob(steps)
		run := func() {
			var all sync.WaitGroup
			for range goroutines {
				all.Go(func() {
					for range n / goroutines {
						d.Do(job)
					}
				})
			}
			all.Wait()
		}
		return run, func() []int { return []int{d.Sync(func(w *observedWork) int { return w.ran })} }
	}}
}

func observedJob(n int) func(*observedWork) {
	return func(w *observedWork) {
		w.ran++
		w.x = steps(w.x, n)
	}
}

func observedAsync(name string, opts func() []desync.Option) side {
	opts = sync.OnceValue(opts)
	return side{name, func(n int) (func(), func() []int) {
		d := desync.New(observedWork{}, append(opts(), desync.WithName("observed"))...)
		job := observedJob(0)
		run := func() {
			for range n {
				d.Async(job)
			}
			d.Do(func(*observedWork) {})
		}
		return run, func() []int { return []int{d.Sync(func(w *observedWork) int { return w.ran })} }
	}}
}

func withNothing() []desync.Option { return nil }

func withNop() []desync.Option {
	return []desync.Option{desync.WithObserver(desync.NopObserver{})}
}

func withRecorder() []desync.Option {
	return []desync.Option{desync.WithObserver(flight.New())}
}

const recorderName = "a recorder of flight"

// observedDo measures what a recorder costs, beside an observer that does nothing.
func observedDo(goroutines int, g goals) Workload {
	return versus{
		name:  "observed Do, " + count(goroutines, "goroutine"),
		batch: goroutines,
		own:   observedSide(recorderName, goroutines, 0, withRecorder),
		peers: []side{observedSide(nopObserver, goroutines, 0, withNop)},
		goals: g,
	}
}

// observedBackground is observedDo for jobs in the background.
func observedBackground(g goals) Workload {
	return versus{
		name:  "observed Async and drain",
		batch: 1,
		own:   observedAsync(recorderName, withRecorder),
		peers: []side{observedAsync(nopObserver, withNop)},
		goals: g,
	}
}

// observedWorking measures what a recorder costs where the jobs do something.
func observedWorking(µs int, g goals) Workload {
	return versus{
		name:  fmt.Sprintf("observed Do, jobs of %d µs", µs),
		batch: 1,
		own:   observedSide(recorderName, 1, µs*spinSteps, withRecorder),
		peers: []side{observedSide("no observer", 1, µs*spinSteps, withNothing)},
		goals: g,
	}
}
