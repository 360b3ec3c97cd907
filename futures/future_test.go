package futures_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/futures"
)

func TestZeroFutureNeverSettles(t *testing.T) {
	var f futures.Future[int]
	wantPending(t, &f)
	v, err := f.Await(canceled())
	wantError(t, v, err, futures.ErrInterrupted)
}

func TestManyReadersShareOneResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[*int]()
		want := new(int)
		got := make([]*int, 100)
		for i := range got {
			go func() { got[i], _ = f.Await(t.Context()) }()
		}
		synctest.Wait()
		*want = 42 // visible to all that Await returns to
		p.Resolve(want)
		synctest.Wait()
		for i, g := range got {
			if g != want || *g != 42 {
				t.Errorf("reader %d got %v; want the one pointer that was resolved", i, g)
			}
		}
	})
}

func TestAwaitInterruptedByItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, f := pending[int]()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
		defer cancel()
		start := time.Now()
		v, err := f.Await(ctx)
		if v != 0 {
			t.Errorf("got the value %d; want 0", v)
		}
		wantInterrupted(t, err, context.DeadlineExceeded)
		if d := time.Since(start); d != time.Minute {
			t.Errorf("Await returned after %v; want 1m0s", d)
		}
		const text = "futures: wait interrupted: context deadline exceeded: the cause"
		if err.Error() != text {
			t.Errorf("the error says %q; want %q", err, text)
		}
	})
}

func TestContextErrorOfTheWorkIsNoInterruption(t *testing.T) {
	v, err := futures.Rejected[int](context.Canceled).Await(t.Context())
	wantError(t, v, err, context.Canceled)
	if errors.Is(err, futures.ErrInterrupted) {
		t.Errorf("%v matches ErrInterrupted; want the error of the work unchanged", err)
	}
}

func TestFUT3GivingUpAWaitCancelsNothing(t *testing.T) {
	p, f := pending[int]()
	if _, err := f.Await(canceled()); !errors.Is(err, futures.ErrInterrupted) {
		t.Fatalf("got %v; want ErrInterrupted", err)
	}
	wantPending(t, f)
	p.Resolve(7)
	v, err := f.Await(t.Context())
	wantValue(t, v, err, 7)
}

func TestSettledBeatsDoneContext(t *testing.T) {
	v, err := futures.Resolved(1).Await(canceled())
	wantValue(t, v, err, 1)
}

// A lateContext ends when it is asked for its channel, after a future has settled.
type lateContext struct {
	context.Context
	settle func()
	cancel func()
}

func (c lateContext) Done() <-chan struct{} {
	c.settle()
	c.cancel()
	return c.Context.Done()
}

// Await finds the future pending, and then both of its channels ready.
func TestSettledBeatsDoneContextWhileWaiting(t *testing.T) {
	for range 100 {
		p, f := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		v, err := f.Await(lateContext{ctx, func() { p.Resolve(1) }, cancel})
		if v != 1 || err != nil {
			t.Fatalf("got %d, %v; want 1: the future settled before the context ended", v, err)
		}
	}
}

func TestDoneAndTry(t *testing.T) {
	p, f := pending[int]()
	wantPending(t, f)
	if a, b := f.Done(), f.Done(); a != b {
		t.Error("two calls of Done on a pending future returned different channels; want one")
	}
	done := f.Done()
	select {
	case <-done:
		t.Fatal("Done is closed; want it open while the future is pending")
	default:
	}
	p.Resolve(3)
	<-done
	<-f.Done()
	if r, ok := f.Try(); !ok || r != (futures.Result[int]{Value: 3}) {
		t.Errorf("Try returned %+v, %t; want the value 3", r, ok)
	}
	if a, b := f.Done(), futures.Resolved("x").Done(); a != b {
		t.Error("two settled futures have different Done channels; want the shared one")
	}
}

func TestErrorsAndNilsAreValues(t *testing.T) {
	e, err := futures.Resolved(errWork).Await(t.Context())
	wantValue(t, e, err, errWork)
	e, err = futures.Resolved[error](nil).Await(t.Context())
	wantValue(t, e, err, nil)
	a, err := futures.Resolved[any](nil).Await(t.Context())
	wantValue(t, a, err, nil)
}

func TestRejected(t *testing.T) {
	v, err := futures.Rejected[int](errWork).Await(t.Context())
	wantError(t, v, err, errWork)
	v, err = futures.Rejected[int](nil).Await(t.Context())
	wantError(t, v, err, futures.ErrNilReject)
}

func TestAwaitNilContextPanics(t *testing.T) {
	wantPanic(t, "Await: nil context", func() { futures.Resolved(1).Await(nil) })
}

// One bubble's settled futures, the package's shared channel and another
// bubble: none may disturb the other.
func TestSettledFuturesInBubbles(t *testing.T) {
	outside := futures.Resolved(1)
	p, inside := pending[int]()
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			<-outside.Done()
			v, err := outside.Await(t.Context())
			wantValue(t, v, err, 1)
			v, err = futures.Race(t.Context(), outside)
			wantValue(t, v, err, 1)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		go func() { time.Sleep(time.Hour); p.Resolve(2) }()
		<-inside.Done()
	})
	<-inside.Done() // its pending channel belonged to the bubble
	v, err := inside.Await(t.Context())
	wantValue(t, v, err, 2)
}

// Await, Done and Race are durably blocking: time advances in the bubble, which it
// would not if one of them waited on a lock.
func TestWaitingIsDurablyBlocking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		var wg sync.WaitGroup
		wg.Go(func() { f.Await(t.Context()) })
		wg.Go(func() { f.Await(context.Background()) })
		wg.Go(func() { <-f.Done() })
		wg.Go(func() { futures.Race(t.Context(), f) })
		time.Sleep(time.Hour)
		p.Resolve(1)
		wg.Wait()
	})
}

// What an Await sleeps on is used again, inside a bubble after outside, in one bubble
// after another, and outside after inside.
func TestAwaitInOneBubbleAfterAnother(t *testing.T) {
	await := func(t *testing.T, n int) {
		ps := make([]futures.Promise[int], n)
		var all sync.WaitGroup
		for i := range ps {
			all.Go(func() {
				if v, err := ps[i].Future().Await(context.Background()); v != i || err != nil {
					t.Errorf("%d, %v; want %d", v, err, i)
				}
			})
			if i%2 == 0 {
				runtime.Gosched() // some settle before somebody waits, some after
			}
			all.Go(func() { ps[i].Resolve(i) })
		}
		all.Wait()
	}
	for range 20 {
		await(t, 50)
		synctest.Test(t, func(t *testing.T) { await(t, 50) })
	}
}

// Each Await of many on one future ends, whether it comes before, while or after the
// future settles.
func TestAwaitWhileTheFutureSettles(t *testing.T) {
	for range 2000 {
		var p futures.Promise[int]
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if v, err := p.Future().Await(context.Background()); v != 1 || err != nil {
					t.Errorf("%d, %v; want 1", v, err)
				}
			})
		}
		all.Go(func() { p.Resolve(1) })
		all.Wait()
	}
}
