package workload

import (
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const twoMutexes = "two mutexes"

// sync2 measures one goroutine that needs two idle objects at once. The mutexes are
// locked one inside the other, always in the same order.
func sync2() Workload {
	return versus{
		name:   "Sync2, idle objects",
		batch:  1,
		goals:  goals{twoMutexes: {most: 1.5}},
		allocs: new(0.0),
		own: side{"desync Sync2", func(n int) (func(), func() []int) {
			a, b := desync.New(subject.State{}), desync.New(subject.State{})
			right := 0
			run := func() {
				for i := range n {
					last := desync.Sync2(a, b, func(a, b *subject.State) int {
						a.Ran++
						b.Ran++
						a.Last = i
						return a.Last
					})
					if last == i {
						right++
					}
				}
			}
			return run, func() []int { return []int{right, ranOf(a), ranOf(b)} }
		}},
		peers: []side{{twoMutexes, func(n int) (func(), func() []int) {
			var a, b locked
			right := 0
			run := func() {
				for i := range n {
					last := both(&a, &b, func(a, b *subject.State) int {
						a.Ran++
						b.Ran++
						a.Last = i
						return a.Last
					})
					if last == i {
						right++
					}
				}
			}
			return run, func() []int { return []int{right, a.s.Ran, b.s.Ran} }
		}}},
	}
}

type locked struct {
	mu sync.Mutex
	s  subject.State
}

func both(a, b *locked, job func(a, b *subject.State) int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	return job(&a.s, &b.s)
}
