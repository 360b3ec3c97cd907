package futures_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

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

// A wait calls look each time that it gives up, and other waits for the same future
// do not.
func TestOnInterrupt(t *testing.T) {
	for name, wait := range waits {
		p, f := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f.AfterFunc(func(int, error) {})
		asked, settle := 0, false
		p.OnInterrupt(func() {
			if asked++; settle {
				p.Reject(errWork)
			}
		})
		f.AfterFunc(func(int, error) {})
		if err := wait(ctx, f); !errors.Is(err, futures.ErrInterrupted) || asked == 0 {
			t.Errorf("%s: got %v, the function was called %d times; want ErrInterrupted, and at least one call", name, err, asked)
		}
		settle = true
		if err := wait(ctx, f); !errors.Is(err, errWork) || errors.Is(err, futures.ErrInterrupted) {
			t.Errorf("%s: got %v; want the error that the function has settled the future with", name, err)
		}
		asked = 0
		wait(ctx, f)
		if asked > 0 {
			t.Errorf("%s: a wait for a settled future asked", name)
		}
	}
	var p futures.Promise[int]
	wantPanic(t, "OnInterrupt: nil function", func() { p.OnInterrupt(nil) })
}
