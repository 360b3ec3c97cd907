package workload

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// turns is how many each of the contending goroutines has in a run, or a multiple.
// Their first calls come before the clock starts, so the more, the less that says.
const turns = 20

// contendedDo is a number of goroutines that all want the same object all the time.
func contendedDo(goroutines int, g goals) Workload {
	return contended("contended Do", subject.Do, goroutines, g, func(o subject.Object, n int) int { return o.(subject.Doer).Do(n) })
}

// contendedSync is the same with results.
func contendedSync(goroutines int, g goals) Workload {
	return contended("contended Sync", subject.Sync, goroutines, g, func(o subject.Object, n int) int { return o.(subject.Syncer).Sync(n) })
}

func contended(what string, needs subject.Ability, goroutines int, g goals, call func(o subject.Object, n int) int) Workload {
	return timed{
		name:  fmt.Sprintf("%s, %s", what, count(goroutines, "goroutine")),
		batch: goroutines * turns,
		jobs:  1,
		needs: needs,
		bind: func(o subject.Object) func(n int) func() error {
			return func(n int) func() error {
				work := rush(goroutines, o.(subject.Doer).Hold, func() int { return call(o, n/goroutines) })
				return func() error { return answered(work(), n) }
			}
		},
		line:  report.Line{Name: what, Of: "goroutines", At: goroutines},
		goals: g,
	}
}

// rush has goroutines come to an object while it is held. The work lets it go and waits
// for all, and is what is timed: or the first of them might be done before the last has
// begun. It returns the sum of what call has returned to them.
func rush(goroutines int, hold func() (release func()), call func() int) (work func() int) {
	var coming, all sync.WaitGroup
	var sum atomic.Int64
	release := hold()
	coming.Add(goroutines)
	for range goroutines {
		all.Go(func() {
			coming.Done()
			sum.Add(int64(call()))
		})
	}
	coming.Wait()
	return func() int {
		release()
		all.Wait()
		return int(sum.Load())
	}
}
