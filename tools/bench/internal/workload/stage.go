package workload

import (
	"context"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const stageDepth = 64

// stage measures a step of a pipeline: items are received from a channel, each becomes
// a job on the data, and the results come out in order. By hand, one writes a goroutine
// that owns the data, between two channels.
func stage() Workload {
	return versus{
		name:  "pipe stage",
		batch: 1_000,
		own: side{"desync pipe.Through", func(n int) (func(), func() []int) {
			d := desync.New(subject.State{})
			right := 0
			run := func() {
				results := pipe.Through(context.Background(), d, items(n), stageDepth, func(_ context.Context, s *subject.State, i int) (int, error) {
					return step(s, i), nil
				})
				for got, err := range results.All() {
					if err == nil && got == right {
						right++
					}
				}
			}
			return run, func() []int { return []int{right, ranOf(d)} }
		}},
		peers: []side{{"stage by hand", func(n int) (func(), func() []int) {
			var s subject.State
			right := 0
			run := func() {
				out := make(chan int, stageDepth)
				go func() {
					defer close(out)
					for i := range items(n) {
						out <- step(&s, i)
					}
				}()
				for got := range out {
					if got == right {
						right++
					}
				}
			}
			return run, func() []int { return []int{right, s.Ran} }
		}}},
	}
}

// step is the job of an item: the result is right if the items come in order.
func step(s *subject.State, i int) int {
	if s.Ran != i {
		return -1
	}
	s.Ran++
	return i
}

// items sends n numbers.
func items(n int) <-chan int {
	c := make(chan int, stageDepth)
	go func() {
		defer close(c)
		for i := range n {
			c <- i
		}
	}()
	return c
}
