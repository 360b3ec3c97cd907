package workload

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	roundKeys    = 10_000
	fewRoundKeys = 100 // in tests
)

// keyRound measures one goroutine that hands over one job to each of many keys in turn, and
// waits until all have run. Beside it, a goroutine for each job locks the mutex of its key.
func keyRound() Workload {
	return versus{
		name:  fmt.Sprintf("Map, a job for each of %s keys in turn", thousands(roundKeys)),
		batch: roundKeys,
		least: fewRoundKeys,
		most:  someRounds,
		goals: goals{goroutinePerKey: {most: 0.6}},
		own: side{"desync map", func(n int) (func(), func() []int) {
			m := desync.NewMap(func(int) subject.State { return subject.State{} })
			keys := min(n, roundKeys)
			for key := range keys {
				m.At(key).Do(func(*subject.State) {})
			}
			run := func() {
				var all sync.WaitGroup
				all.Add(n)
				job := func(s *subject.State) {
					s.Ran++
					all.Done()
				}
				for i := range n {
					m.At(i % keys).Async(job)
				}
				all.Wait()
			}
			return run, func() []int {
				ran := 0
				m.Range(func(_ int, s *subject.State) bool {
					ran += s.Ran
					return true
				})
				return []int{ran}
			}
		}},
		peers: []side{{goroutinePerKey, func(n int) (func(), func() []int) {
			var m sync.Map
			keys := min(n, roundKeys)
			for key := range keys {
				m.Store(key, new(locked))
			}
			run := func() {
				var all sync.WaitGroup
				all.Add(n)
				job := func(s *subject.State) {
					s.Ran++
					all.Done()
				}
				for i := range n {
					go func() {
						l, _ := m.Load(i % keys)
						l.(*locked).do(job)
					}()
				}
				all.Wait()
			}
			return run, func() []int {
				ran := 0
				m.Range(func(_, l any) bool {
					ran += l.(*locked).s.Ran
					return true
				})
				return []int{ran}
			}
		}}},
	}
}

const goroutinePerKey = "goroutine per job and a mutex per key"
