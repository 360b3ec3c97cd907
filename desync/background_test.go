package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// A call with context.Background has a context of its own kind, which must record what is held
// as any other does.
func TestNST3_TheOwnObjectWhereTheFirstContextIsBackground(t *testing.T) {
	for _, outer := range contextCalls[int]()[:2] {
		for _, inner := range contextCalls[int]()[:2] {
			t.Run(outer.name+", in it "+inner.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
					var own, ring error
					err := outer.call(a, context.Background(), func(ctx context.Context, _ *int) error {
						derived, cancel := context.WithCancel(context.WithValue(ctx, new(int), 1))
						defer cancel()
						own = inner.call(a, derived, mustNotRun[int](t, inner.name))
						return inner.call(b, ctx, func(ctx context.Context, _ *int) error {
							ring = outer.call(a, ctx, mustNotRun[int](t, outer.name))
							return nil
						})
					})
					if err != nil {
						t.Errorf("NST-1: a call that closes no ring returned %v", err)
					}
					for _, e := range []struct {
						err  error
						want int
					}{{own, 1}, {ring, 2}} {
						d, ok := errors.AsType[*desync.DeadlockError](e.err)
						if !ok || len(d.Ring) != e.want {
							t.Errorf("NST-3: a call that closes a ring of %d returned %v", e.want, e.err)
						}
					}
					wantAllUsable(t, a, b)
				})
			})
		}
	}
}

// When the job has ended, in whatever way, its context holds nothing, though it may still be used.
func TestNST3_TheContextOfAJobThatHasEndedHoldsNothing(t *testing.T) {
	ends := map[string]func() error{
		"returns": func() error { return nil },
		"fails":   func() error { return errCause },
		"panics":  func() error { panic("the job") },
		"exits":   func() error { runtime.Goexit(); return nil },
	}
	cancelable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, first := range []context.Context{context.Background(), context.TODO(), cancelable} {
		for name, end := range ends {
			t.Run(fmt.Sprintf("%v, %s", first, name), func(t *testing.T) {
				var d desync.Desync[int]
				var kept context.Context
				over := make(chan struct{})
				go func() {
					defer close(over)
					defer func() { recover() }()
					d.DoContext(first, func(ctx context.Context, _ *int) error {
						kept = ctx
						if desync.CheckWait(ctx, &d) == nil {
							t.Error("NST-3: CheckWait finds nothing along the context of the job that runs")
						}
						return end()
					})
				}()
				<-over
				if err := desync.CheckWait(kept, &d); err != nil {
					t.Errorf("NST-3: the job has ended, and CheckWait with its context returned %v", err)
				}
				resume := d.Suspend()
				f := d.FutureContext(kept, func(context.Context, *int) (int, error) { return 1, nil })
				resume()
				if got, err := f.Await(t.Context()); got != 1 || err != nil {
					t.Errorf("NST-3: a call with the context of a job that has ended gave %d, %v; want 1", got, err)
				}
			})
		}
	}
}

func TestDoContext_TheJobsContextIsLikeBackground(t *testing.T) {
	type key struct{}
	var d desync.Desync[int]
	err := d.DoContext(context.Background(), func(ctx context.Context, _ *int) error {
		if _, ok := ctx.Deadline(); ok || ctx.Done() != nil || ctx.Err() != nil || ctx.Value(key{}) != nil || context.Cause(ctx) != nil {
			t.Errorf("the context %v of a job whose call was given Background has an end or a value", ctx)
		}
		derived, cancel := context.WithCancel(context.WithValue(ctx, key{}, 7))
		cancel()
		if derived.Err() == nil || derived.Value(key{}) != 7 || ctx.Err() != nil {
			t.Errorf("a derived context has the error %v and the value %v; want both, and the job's own none", derived.Err(), derived.Value(key{}))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
