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

// contendedDo is a number of goroutines that all want the same object all the
// time. They come while the object is held, and the clock starts when it is let
// go: or the first of them might be done before the last has begun.
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
