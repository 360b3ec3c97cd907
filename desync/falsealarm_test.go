//go:build race || desyncdebug

package desync_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// The job of a awaits a future. What runs behind the future's job waits for a, and
// may do so before the one that awaits has woken up.
func TestNST3_NoFalseAlarmOverASettledFuture(t *testing.T) {
	a, b := desync.New(0), desync.New(0)
	for round := range scaled(20_000) {
		told := make(chan any, 1)
		a.Do(func(*int) {
			f := b.Future(func(*int) int { return 0 })
			b.Async(func(*int) { told <- caught(func() { a.Do(func(*int) {}) }) })
			spin(round % 4)
			if _, err := f.Await(t.Context()); err != nil {
				t.Errorf("NST-3: an Await of a future that needs nothing of the job failed with %v", err)
			}
		})
		if v := receive(t, told, "the Do behind the future"); v != nil {
			t.Errorf("NST-3: a Do was told of a ring over a future that had settled: %v", v)
		}
		if t.Failed() {
			return
		}
	}
	wantWorking(t, a, b)
}

// The job of a awaits a future whose job is before a Sync2 of both objects, so it
// needs nothing of it.
func TestNST3_NoFalseAlarmOverAPlaceBehindAFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newInt()
		b, gate := closedGate[int]()
		placed, told := make(chan struct{}), make(chan error, 1)
		go a.Do(func(*int) {
			f := b.Future(func(*int) int { return 0 })
			<-placed
			_, err := f.Await(t.Context())
			told <- err
		})
		synctest.Wait()
		go desync.Sync2(a, b, func(*int, *int) int { return 0 })
		synctest.Wait()
		close(placed)
		synctest.Wait()
		close(gate)
		if err := <-told; err != nil {
			t.Errorf("NST-3: an Await of a job that is before a Sync2 was told of a ring through it: %v", err)
		}
		wantWorking(t, a, b)
	})
}

// The job of b ends the context with which the job of a waits, and then waits for
// a, which it may do before the other has woken up.
func TestNST3_NoFalseAlarmOverAnEndedContext(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, b *desync.Desync[int]){
		"DoContext": func(ctx context.Context, b *desync.Desync[int]) {
			b.DoContext(ctx, func(context.Context, *int) error { return nil })
		},
		"Sync2Context": func(ctx context.Context, b *desync.Desync[int]) {
			desync.Sync2Context(ctx, newInt(), b, func(context.Context, *int, *int) (int, error) { return 0, nil })
		},
		"FutureContext": func(ctx context.Context, b *desync.Desync[int]) {
			b.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil }).Await(context.Background())
		},
		"Await": func(ctx context.Context, b *desync.Desync[int]) {
			b.Future(func(*int) int { return 0 }).Await(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range scaled(2_000) {
				synctest.Test(t, func(t *testing.T) {
					a, b := desync.New(0), desync.New(0)
					ctx, cancel := context.WithCancel(t.Context())
					told := make(chan any, 1)
					gate := make(chan struct{})
					go b.Do(func(*int) {
						<-gate
						cancel()
						told <- caught(func() { a.Do(func(*int) {}) })
					})
					synctest.Wait()
					go a.Do(func(*int) { wait(ctx, b) })
					synctest.Wait()
					close(gate)
					if v := <-told; v != nil {
						t.Errorf("NST-3: a Do was told of a ring over a wait whose context has ended: %v", v)
					}
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// Jobs wait for objects of later pairs only, for one object of a pair or for both.
// An order of single objects would not do: a Sync2 takes its place in all queues at
// once, so a call that waits for its last object also waits for the holder of its
// first.
func TestNST3_NoFalseAlarmOfMixedCalls(t *testing.T) {
	const pairs, goroutines = 6, 6
	rounds := scaled(4_000)
	ds := make([]*desync.Desync[int], 2*pairs)
	for i := range ds {
		ds[i] = newInt()
	}
	var job func(after, seed int) func()
	job = func(after, seed int) func() {
		return func() {
			pair := after + 1 + seed%2
			if pair >= pairs {
				return
			}
			c := waitingCalls[seed%len(waitingCalls)]
			one, other := ds[2*pair+seed/2%2], ds[2*pair+1-seed/2%2]
			if v := c.attempt(t, context.Background(), one, other, job(pair, seed*5+3)); v != nil {
				t.Errorf("NST-3: a %s that closes no ring was told of\n%v", c.name, v)
			}
		}
	}
	finishes(t, "NST-3: calls in the order of the pairs", func() {
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range rounds {
					job(-1, g*1_000+i)()
				}
			})
		}
		wg.Wait()
	})
	wantWorking(t, ds...)
}
