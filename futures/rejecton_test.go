package futures_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

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

// A tardyContext never calls the functions to call when it ends, as if the goroutine
// for them were very late.
type tardyContext struct{ context.Context }

func (tardyContext) Value(any) any                              { return nil }
func (tardyContext) AfterFunc(func()) (stop func() (done bool)) { return func() bool { return false } }

func TestRejectOnStopReturnsFalseOnlyForASettledFuture(t *testing.T) {
	p, f := pending[int]()
	ctx, cancel := context.WithCancel(t.Context())
	stop := p.RejectOn(tardyContext{ctx})
	cancel()
	if stop() {
		t.Fatal("stop returned true though the context had ended; want false")
	}
	r, ok := f.Try()
	if !ok {
		t.Fatal("stop returned false and the future is pending; want it settled")
	}
	wantError(t, r.Value, r.Err, context.Canceled)
}

// The goroutine of the context rejects the future at the same time.
func TestRejectOnOneOfStopAndContextWins(t *testing.T) {
	for range scaled(20_000) {
		p, f := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		stop := p.RejectOn(ctx)
		go cancel()
		claimed := stop()
		if _, settled := f.Try(); settled == claimed {
			t.Fatalf("stop returned %v, and the future has settled: %v; want one of the two", claimed, settled)
		}
		if claimed {
			<-ctx.Done()
			wantPending(t, f)
			p.Resolve(1)
		}
	}
}

func TestRejectOnOneOfManyClaims(t *testing.T) {
	for range scaled(2_000) {
		p, _ := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		stop := p.RejectOn(ctx)
		var claims atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if stop() {
					claims.Add(1)
				}
			})
		}
		wg.Wait()
		cancel()
		if n := claims.Load(); n != 1 {
			t.Fatalf("%d of 4 calls of stop returned true; want one", n)
		}
	}
}

// waits lists the ways to wait for a future.
var waits = map[string]func(ctx context.Context, f *futures.Future[int]) error{
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
		_, err := f.Then(ctx, double).Await(context.Background())
		return err
	},
}

// The context that ends the work ends the wait too. There is only one result, however
// late the goroutine is that must settle the future.
func TestRejectOnTheContextOfTheWait(t *testing.T) {
	for name, wait := range waits {
		p, f := pending[int]()
		inner, cancel := context.WithCancel(t.Context())
		ctx := tardyContext{inner}
		p.RejectOn(ctx)
		cancel()
		if err := wait(ctx, f); !errors.Is(err, context.Canceled) || errors.Is(err, futures.ErrInterrupted) {
			t.Errorf("%s: got %v; want the end of the work, which is no interruption", name, err)
		}
		wantSettled(t, name, f)
	}
}

func wantSettled(t *testing.T, name string, f *futures.Future[int]) {
	t.Helper()
	if _, ok := f.Try(); !ok {
		t.Errorf("%s: the future is pending; want it settled", name)
	}
}

// A goexiting context ends whatever goroutine asks it why it has ended.
type goexiting struct{ context.Context }

func (c goexiting) Err() error {
	if c.Context.Err() != nil {
		runtime.Goexit()
	}
	return nil
}

func TestAContextThatDoesNotReturnStrandsNobody(t *testing.T) {
	for name, how := range map[string]func(context.Context, *futures.Promise[int]) *futures.Future[int]{
		"RejectOn": func(ctx context.Context, p *futures.Promise[int]) *futures.Future[int] {
			p.RejectOn(ctx)
			return p.Future()
		},
		"Then": func(ctx context.Context, p *futures.Promise[int]) *futures.Future[int] {
			return p.Future().Then(ctx, double)
		},
		"FromChan": func(ctx context.Context, p *futures.Promise[int]) *futures.Future[int] {
			return futures.FromChan(ctx, make(chan int))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			inner, cancel := context.WithCancel(t.Context())
			f := how(goexiting{inner}, new(futures.Promise[int]))
			synctest.Wait()
			cancel()
			synctest.Wait()
			if r, ok := f.Try(); !ok || !errors.Is(r.Err, futures.ErrAbandoned) {
				t.Errorf("%s: settled %v with %v; want ErrAbandoned", name, ok, r.Err)
			}
		})
	}
}

// A context may have functions of the user's to call when the work has settled.
type stopping struct {
	context.Context
	stop func() bool
}

func (stopping) Value(any) any                           { return nil }
func (c stopping) AfterFunc(f func()) (stop func() bool) { return c.stop }

func TestASettlerThatIsEndedTellsAll(t *testing.T) {
	for name, fail := range map[string]func(){"panic": func() { panic(errWork) }, "Goexit": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			p, f := pending[int]()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p.RejectOn(stopping{ctx, func() bool { fail(); return true }})
			after := false
			f.AfterFunc(func(int, error) { after = true })
			awaited := false
			go func() { f.Await(context.Background()); awaited = true }()
			synctest.Wait()
			go func() {
				defer func() { recover() }()
				p.Resolve(1)
			}()
			synctest.Wait()
			if !after || !awaited {
				t.Errorf("%s in the stop of a context: AfterFunc was called: %v, Await has returned: %v; want both", name, after, awaited)
			}
		})
	}
}

func TestRejectOnNilContextPanics(t *testing.T) {
	var p futures.Promise[int]
	wantPanic(t, "RejectOn: nil context", func() { p.RejectOn(nil) })
}
