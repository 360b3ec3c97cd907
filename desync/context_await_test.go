package desync_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A lateContext never calls the functions to call when it ends, as if the goroutine for
// them were very late.
type lateContext struct{ context.Context }

func (lateContext) Value(any) any                              { return nil }
func (lateContext) AfterFunc(func()) (stop func() (done bool)) { return func() bool { return false } }

// awaits lists the ways to wait for a future.
var awaits = map[string]func(ctx context.Context, f *futures.Future[int]) error{
	"Await": func(ctx context.Context, f *futures.Future[int]) error { _, err := f.Await(ctx); return err },
	"All":   func(ctx context.Context, f *futures.Future[int]) error { _, err := futures.All(ctx, f); return err },
	"AllSettled": func(ctx context.Context, f *futures.Future[int]) error {
		rs, err := futures.AllSettled(ctx, f)
		return errors.Join(err, rs[0].Err)
	},
	"Any":  func(ctx context.Context, f *futures.Future[int]) error { _, err := futures.Any(ctx, f); return err },
	"Race": func(ctx context.Context, f *futures.Future[int]) error { _, err := futures.Race(ctx, f); return err },
	"Completed": func(ctx context.Context, f *futures.Future[int]) (err error) {
		for _, r := range futures.Completed(ctx, f) {
			err = r.Err
		}
		return err
	},
	"Then": func(ctx context.Context, f *futures.Future[int]) error {
		_, err := f.Then(ctx, func(_ context.Context, v int) (int, error) { return v, nil }).Await(context.Background())
		return err
	},
}

// CAN-1: once the context of a job has ended before its turn, every wait returns that
// the job will not run, whether the same context has ended the wait or another one.
func TestCAN1_EveryWaitSaysThatTheJobWillNotRun(t *testing.T) {
	for name, wait := range awaits {
		for _, other := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var d desync.Desync[int]
				resume := d.Suspend()
				inner, cancel := context.WithCancel(t.Context())
				ctx := lateContext{inner}
				f := d.FutureContext(ctx, func(context.Context, *int) (int, error) {
					t.Error("CAN-1: the job ran")
					return 0, nil
				})
				await := context.Context(ctx)
				if other {
					o, end := context.WithCancel(t.Context())
					end()
					await = o
				}
				cancel()
				err := wait(await, f)
				if !errors.Is(err, desync.ErrNotRun) || !errors.Is(err, context.Canceled) || errors.Is(err, futures.ErrInterrupted) {
					t.Errorf("CAN-1: %s (another context: %v) returns %v; want ErrNotRun, not ErrInterrupted", name, other, err)
				}
				resume()
			})
		}
	}
}

// A context that is slow to say why it has ended.
type slowContext struct {
	context.Context
	entered, gate chan struct{}
	slow          atomic.Bool
}

func (c *slowContext) Err() error {
	if c.slow.CompareAndSwap(true, false) {
		close(c.entered)
		<-c.gate
	}
	return c.Context.Err()
}

// CAN-1: the goroutine that settles the future stands in the middle of it.
func TestCAN1_AnAwaitWaitsForWhoSettlesTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		defer d.Suspend()()
		inner, cancel := context.WithCancel(t.Context())
		ctx := &slowContext{Context: inner, entered: make(chan struct{}), gate: make(chan struct{})}
		f := d.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
		ctx.slow.Store(true)
		cancel()
		<-ctx.entered
		got := make(chan error, 1)
		go func() { _, err := f.Await(inner); got <- err }()
		synctest.Wait()
		close(ctx.gate)
		if err := <-got; !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("CAN-1: Await returns %v; want ErrNotRun", err)
		}
	})
}

// CAN-1, CAN-2: the job's turn comes while its context ends and somebody waits with the
// same context: if that wait is interrupted, the job has run or will.
func TestCAN1_CAN2_AnAwaitWithTheContextOfTheJob(t *testing.T) {
	var notRun, interrupted, ran int
	for i := range scaled(20_000) {
		var d desync.Desync[int]
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		f := d.FutureContext(ctx, func(context.Context, *int) (int, error) { return 1, nil })
		if i%2 == 0 {
			go resume()
			cancel()
		} else {
			go cancel()
			resume()
		}
		_, err := f.Await(ctx)
		_, final := f.Await(t.Context())
		switch {
		case err == nil:
			ran++
		case errors.Is(err, desync.ErrNotRun) && err == final:
			notRun++
		case errors.Is(err, futures.ErrInterrupted) && final == nil:
			interrupted++ // the job was running
		default:
			t.Fatalf("Await returns %v, and then %v; want ErrNotRun at once if the job does not run", err, final)
		}
	}
	t.Logf("%d ran, %d did not, %d were still running", ran, notRun, interrupted)
}

// CAN-2: a job that runs is not reported as not run.
func TestCAN2_AnAwaitWhileTheJobRunsIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		ctx, cancel := context.WithCancel(t.Context())
		gate := make(chan struct{})
		f := d.FutureContext(ctx, func(context.Context, *int) (int, error) { <-gate; return 1, nil })
		synctest.Wait()
		cancel()
		for name, wait := range awaits {
			if err := wait(ctx, f); !errors.Is(err, futures.ErrInterrupted) || errors.Is(err, desync.ErrNotRun) {
				t.Errorf("CAN-2: while the job runs, %s returns %v; want ErrInterrupted", name, err)
			}
		}
		close(gate)
		if v, err := f.Await(t.Context()); v != 1 || err != nil {
			t.Errorf("CAN-2: the job returned 1, its future has %v, %v", v, err)
		}
	})
}
