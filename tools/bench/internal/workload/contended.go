package workload

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// In a run, each contending goroutine makes a multiple of turns calls. The first
// calls begin before the clock starts; the more calls there are, the less that
// matters.
const turns = 20

// contendedDo measures a number of goroutines that all use the same object all the
// time.
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

// rush starts goroutines that call an object while it is held. The work, which is
// timed, releases the object and waits for all goroutines; otherwise the first
// goroutine might be done before the last has begun. work returns the sum of the
// results of call.
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
