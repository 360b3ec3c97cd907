//go:build race || desyncdebug

package desync_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Future2 that waits holds the objects that it has got, although no goroutine does. Here
// the job of b closes a ring through it.
func TestNST3_ARingThroughAFutureOfSeveral(t *testing.T) {
	for _, c := range severalFutures[int]() {
		for name, wait := range map[string]func(ctx context.Context, a *desync.Desync[int], f *futures.Future[int]) error{
			"Await": func(ctx context.Context, _ *desync.Desync[int], f *futures.Future[int]) error {
				_, err := f.Await(ctx)
				return err
			},
			"DoContext": func(ctx context.Context, a *desync.Desync[int], _ *futures.Future[int]) error {
				return a.DoContext(ctx, func(context.Context, *int) error { return nil })
			},
		} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour) // when nothing else goes on
					defer cancel()
					var f *futures.Future[int]
					var err error
					b.Do(func(*int) {
						f = c.call(a, b, func(*int, *int) int { return 0 })
						err = wait(ctx, a, f)
					})
					if ring, ok := errors.AsType[*desync.DeadlockError](err); !ok {
						t.Errorf("NST-3: a job that waits for a %s which waits for its object was told %v; want a DeadlockError", c.name, err)
					} else if ring.Ring[len(ring.Ring)-1].Object != `"b"` {
						t.Errorf("NST-3: the ring is %v; want its last wait to be for b", ring.Ring)
					}
					if _, err := f.Await(ctx); err != nil {
						t.Errorf("NST-3: the future of %s has the error %v", c.name, err)
					}
					// The job that runs holds both.
					told := make(chan any, 1)
					c.call(a, b, func(*int, *int) int {
						told <- caught(func() { a.Do(func(*int) {}) })
						return 0
					})
					wantRing(t, <-told, "a ")
					synctest.Wait()
					wantWorking(t, a, b)
				})
			})
		}
	}
}
