package workload

import (
	"context"

	"golang.org/x/sync/semaphore"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const admitted = 1_000 // as much may be queued

// admission measures background jobs of one producer that are let in by a bound, until all
// have run. By hand, a semaphore or a channel of tokens stands before the same Async.
func admission() Workload {
	ctx := context.Background()
	through := func(async func(d *desync.Desync[subject.State], job func(*subject.State))) func(n int) (func(), func() []int) {
		return func(n int) (func(), func() []int) {
			d := desync.New(subject.State{})
			run := func() {
				for i := range n {
					async(d, func(s *subject.State) { step(s, i) })
				}
				d.Do(func(*subject.State) {})
			}
			return run, func() []int { return []int{ranOf(d)} }
		}
	}
	b, sem, tokens := bounded.New(admitted), semaphore.NewWeighted(admitted), make(chan struct{}, admitted)
	return versus{
		name:  "bounded Async and drain",
		batch: 8_000,
		least: 80,
		own: side{"desync bounded.Async", through(func(d *desync.Desync[subject.State], job func(*subject.State)) {
			if err := b.Async(ctx, d, 1, job); err != nil {
				panic(err)
			}
		})},
		peers: []side{
			{"x/sync/semaphore and Async", through(func(d *desync.Desync[subject.State], job func(*subject.State)) {
				if err := sem.Acquire(ctx, 1); err != nil {
					panic(err)
				}
				d.Async(func(s *subject.State) {
					defer sem.Release(1)
					job(s)
				})
			})},
			{"channel of tokens and Async", through(func(d *desync.Desync[subject.State], job func(*subject.State)) {
				tokens <- struct{}{}
				d.Async(func(s *subject.State) {
					defer func() { <-tokens }()
					job(s)
				})
			})},
		},
	}
}

// limited measures calls by one goroutine that wait for a job which a limit lets run. By hand,
// the call takes a token of a semaphore in the job.
func limited() Workload {
	ctx := context.Background()
	l, sem := bounded.NewLimit(2), semaphore.NewWeighted(2)
	calls := func(do func(d *desync.Desync[subject.State], job func(*subject.State)) error) func(n int) (func(), func() []int) {
		return func(n int) (func(), func() []int) {
			d := desync.New(subject.State{})
			right := 0
			run := func() {
				for i := range n {
					if do(d, func(s *subject.State) { step(s, i) }) == nil {
						right++
					}
				}
			}
			return run, func() []int { return []int{right, ranOf(d)} }
		}
	}
	return versus{
		name:  "limited Do",
		batch: 1,
		own: side{"desync bounded.Limit", calls(func(d *desync.Desync[subject.State], job func(*subject.State)) error {
			return l.Do(ctx, d, func(_ context.Context, s *subject.State) error {
				job(s)
				return nil
			})
		})},
		peers: []side{{"x/sync/semaphore in DoContext", calls(func(d *desync.Desync[subject.State], job func(*subject.State)) error {
			return d.DoContext(ctx, func(ctx context.Context, s *subject.State) error {
				if err := sem.Acquire(ctx, 1); err != nil {
					return err
				}
				defer sem.Release(1)
				job(s)
				return nil
			})
		})}},
	}
}
