package workload

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// turns is how many calls each of the contending goroutines makes in a run, or a
// multiple of that. The first calls are made before the clock starts; the more turns
// there are, the less that matters.
const turns = 20

// contendedDo is a number of goroutines that all want the same object all the time.
// They make their first calls while the object is held, and the clock starts when it
// is let go. Otherwise the first might be done before the last has begun.
func contendedDo(goroutines int, g goals) Workload {
	return timed{
		name:  fmt.Sprintf("contended Do, %s", count(goroutines, "goroutine")),
		batch: goroutines * turns,
		jobs:  1,
		needs: subject.Do,
		bind: func(o subject.Object) func(n int) func() error {
			d := o.(subject.Doer)
			return func(n int) func() error {
				var coming, all sync.WaitGroup
				var ran atomic.Int64
				release := d.Hold()
				coming.Add(goroutines)
				for range goroutines {
					all.Go(func() {
						coming.Done()
						ran.Add(int64(d.Do(n / goroutines)))
					})
				}
				coming.Wait()
				return func() error {
					release()
					all.Wait()
					return answered(int(ran.Load()), n)
				}
			}
		},
		line:  report.Line{Name: "contended Do", Of: "goroutines", At: goroutines},
		goals: g,
	}
}
