package futures_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

func TestFUT1SettlesOnce(t *testing.T) {
	settlers := map[string]struct {
		settle func(*futures.Promise[int]) bool
		value  int
		err    error
	}{
		"Resolve":           {func(p *futures.Promise[int]) bool { return p.Resolve(1) }, 1, nil},
		"Reject":            {func(p *futures.Promise[int]) bool { return p.Reject(errWork) }, 0, errWork},
		"Reject nil":        {func(p *futures.Promise[int]) bool { return p.Reject(nil) }, 0, futures.ErrNilReject},
		"Settle":            {func(p *futures.Promise[int]) bool { return p.Settle(2, nil) }, 2, nil},
		"Settle with error": {func(p *futures.Promise[int]) bool { return p.Settle(2, errWork) }, 0, errWork},
		"Close":             {func(p *futures.Promise[int]) bool { return p.Close() }, 0, futures.ErrAbandoned},
	}
	for name, first := range settlers {
		t.Run(name, func(t *testing.T) {
			p, f := pending[int]()
			if !first.settle(p) {
				t.Fatal("the first call returned false; want true")
			}
			for later, second := range settlers {
				if second.settle(p) {
					t.Errorf("a later %s returned true; want false", later)
				}
			}
			r, ok := f.Try()
			if want := (futures.Result[int]{Value: first.value, Err: first.err}); !ok || r != want {
				t.Errorf("got %+v, settled %t; want %+v", r, ok, want)
			}
		})
	}
}

func TestFUT1ExactlyOneOfManySettlersWins(t *testing.T) {
	for range scaled(2000) {
		p, f := pending[int]()
		var wins, winner atomic.Int64
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				<-start
				if p.Resolve(i) {
					wins.Add(1)
					winner.Store(int64(i))
				}
			})
		}
		got := futures.Go(t.Context(), f.Await)
		close(start)
		wg.Wait()
		if n := wins.Load(); n != 1 {
			t.Fatalf("%d of 8 calls returned true; want exactly one", n)
		}
		v, err := got.Await(t.Context())
		wantValue(t, v, err, int(winner.Load()))
	}
}

func TestPromiseContainsItsFuture(t *testing.T) {
	var node struct {
		futures.Promise[string]
		name string
	}
	f := node.Future()
	if f != node.Future() {
		t.Error("two calls of Future returned different futures; want one")
	}
	node.Resolve("done")
	v, err := f.Await(t.Context())
	wantValue(t, v, err, "done")
}

func TestCloseInADeferDoesNotStrandReaders(t *testing.T) {
	p, f := pending[int]()
	func() {
		defer func() { recover() }()
		defer p.Close()
		panic("on the way to Resolve")
	}()
	v, err := f.Await(t.Context())
	wantError(t, v, err, futures.ErrAbandoned)
}

func TestRejectOnEndsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, when := range []string{"before", "after"} {
			p, f := pending[int]()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if when == "before" {
				cancel(errCause)
			}
			stop := p.RejectOn(ctx)
			if when == "after" {
				cancel(errCause)
				synctest.Wait()
			}
			r, ok := f.Try()
			if !ok {
				t.Fatalf("the context ended %s RejectOn and the future is pending; want it rejected", when)
			}
			wantError(t, r.Value, r.Err, context.Canceled)
			wantError(t, r.Value, r.Err, errCause)
			if errors.Is(r.Err, futures.ErrInterrupted) {
				t.Errorf("%v matches ErrInterrupted; want not: the work has ended, not a wait", r.Err)
			}
			if stop() {
				t.Error("stop returned true after the rejection; want false")
			}
		}
	})
}

func TestRejectOnStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		stop := p.RejectOn(ctx)
		if !stop() {
			t.Error("stop returned false; want true: it kept the context from rejecting")
		}
		if stop() {
			t.Error("the second stop returned true; want false")
		}
		cancel()
		synctest.Wait()
		wantPending(t, f)
		if !p.Resolve(1) {
			t.Error("Resolve returned false after stop; want true")
		}
	})
}

func TestRejectOnIsUndoneBySettling(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wantFlat(t, func() {
		for range scaled(100_000) {
			var p futures.Promise[int]
			stop := p.RejectOn(ctx)
			p.Resolve(1)
			if stop() {
				t.Fatal("stop returned true after Resolve; want false")
			}
		}
	})
}

func TestRejectOnStopLeavesNothingInThePromise(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var p futures.Promise[int]
	wantFlat(t, func() {
		for range scaled(100_000) {
			p.RejectOn(ctx)()
		}
	})
	wantPending(t, p.Future())
}

func TestRejectOnNilContextPanics(t *testing.T) {
	var p futures.Promise[int]
	wantPanic(t, "RejectOn: nil context", func() { p.RejectOn(nil) })
}
