package futures_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

func double(_ context.Context, v int) (int, error)    { return 2 * v, nil }
func increment(_ context.Context, v int) (int, error) { return v + 1, nil }

// never is a function for Then that must not run.
func never(t *testing.T) func(context.Context, int) (int, error) {
	return func(context.Context, int) (int, error) {
		t.Error("the function of Then ran; want it never to run")
		return 0, nil
	}
}

func TestThen(t *testing.T) {
	p, f := pending[int]()
	text := f.Then(t.Context(), double).Then(t.Context(), func(_ context.Context, v int) (string, error) {
		return strings.Repeat("x", v), nil
	})
	p.Resolve(2)
	v, err := text.Await(t.Context())
	wantValue(t, v, err, "xxxx")

	v2, err := futures.Resolved(4).Then(t.Context(), double).Await(t.Context())
	wantValue(t, v2, err, 8)
}

func TestThenPassesOnErrors(t *testing.T) {
	p, f := pending[int]()
	chain := f.Then(t.Context(), never(t)).Then(t.Context(), never(t))
	p.Reject(errWork)
	for _, f := range []*futures.Future[int]{chain, f.Then(t.Context(), never(t))} {
		if v, err := f.Await(t.Context()); v != 0 || err != errWork {
			t.Errorf("got %d, %v; want the error of the source unchanged", v, err)
		}
	}
}

func TestThenFunctionFails(t *testing.T) {
	f := futures.Resolved(1).Then(t.Context(), func(context.Context, int) (int, error) { return 9, errWork })
	v, err := f.Await(t.Context())
	wantError(t, v, err, errWork)

	f = futures.Resolved(1).Then(t.Context(), func(context.Context, int) (int, error) { runtime.Goexit(); return 9, nil })
	v, err = f.Await(t.Context())
	wantError(t, v, err, futures.ErrGoexit)

	f = futures.Resolved(1).Then(t.Context(), func(context.Context, int) (int, error) { functionThatPanics(errOther); return 9, nil })
	pe := panicError(t, f)
	if !errors.Is(pe, errOther) || !strings.Contains(string(pe.Stack), "functionThatPanics") {
		t.Errorf("got %v; want a *PanicError with the value and the stack of the panic", pe)
	}
}

// The function blocks: had it run on the stack of Then or of Resolve, the test
// would end in synctest's deadlock.
func TestThenRunsOnNobodysStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		wait := func(_ context.Context, v int) (int, error) { <-gate; return v, nil }
		p, f := pending[int]()
		before := f.Then(t.Context(), wait)
		p.Resolve(1)
		after := f.Then(t.Context(), wait)
		close(gate)
		for _, f := range []*futures.Future[int]{before, after} {
			v, err := f.Await(t.Context())
			wantValue(t, v, err, 1)
		}
	})
}

func TestThenParksNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		p, f := pending[int]()
		before := runtime.NumGoroutine()
		all := make([]*futures.Future[int], 1000)
		for i := range all {
			all[i] = f.Then(ctx, double)
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, %d before; want none while the source is pending", n, before)
		}
		p.Resolve(1)
		if _, err := futures.All(t.Context(), all...); err != nil {
			t.Errorf("got error %v; want all to succeed", err)
		}
	})
}

func TestThenInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		before := f.Then(canceled(), never(t))
		ctx, cancel := context.WithCancelCause(t.Context())
		after := f.Then(ctx, never(t))
		cancel(errCause)
		synctest.Wait()
		for _, f := range []*futures.Future[int]{before, after} {
			r, ok := f.Try()
			if !ok {
				t.Fatal("pending; want the future rejected as soon as the context ends")
			}
			wantInterrupted(t, r.Err, context.Canceled)
		}
		wantPending(t, f)
		p.Resolve(1)
		synctest.Wait()
	})
}

func TestThenAlreadyEndedContextRejectsBeforeItReturns(t *testing.T) {
	_, f := pending[int]()
	if _, ok := f.Then(canceled(), never(t)).Try(); !ok {
		t.Error("pending; want the future rejected when Then returns")
	}
}

func TestThenSettledBeatsDoneContext(t *testing.T) {
	v, err := futures.Resolved(2).Then(canceled(), double).Await(t.Context())
	wantValue(t, v, err, 4)
}

func TestThenSettledBeatsDoneContextInARace(t *testing.T) {
	for range scaled(20000) {
		p, f := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			p.Resolve(1)
			cancel()
		}()
		v, err := f.Then(ctx, double).Await(t.Context())
		if v != 2 || err != nil {
			t.Fatalf("got %d, %v; want 2: the source settled before the context ended", v, err)
		}
	}
}

// The context and the source race; the function runs exactly if its future does
// not report an interruption.
func TestThenEitherRunsOrIsInterrupted(t *testing.T) {
	for range scaled(20000) {
		p, f := pending[int]()
		ctx, cancel := context.WithCancel(t.Context())
		ran := false
		go cancel()
		go p.Resolve(1)
		_, err := f.Then(ctx, func(context.Context, int) (int, error) { ran = true; return 0, nil }).Await(t.Context())
		if interrupted := errors.Is(err, futures.ErrInterrupted); interrupted == ran {
			t.Fatalf("error %v, function ran: %t; want exactly one of the two", err, ran)
		}
	}
}

func TestThenReleasesItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wantFlat(t, func() {
		for range scaled(50_000) {
			p, f := pending[int]()
			next := f.Then(ctx, double)
			p.Resolve(1)
			next.Await(t.Context())
		}
	})
}

// chain returns the last of n links, and a promise for the head.
func chain(ctx context.Context, n int) (*futures.Promise[int], *futures.Future[int]) {
	p, f := pending[int]()
	for range n {
		f = f.Then(ctx, increment)
	}
	return p, f
}

func TestLongChainNeedsNoStack(t *testing.T) {
	// A stack that grew with the chain would end the process here.
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	n := scaled(1_000_000)

	p, last := chain(context.Background(), n)
	p.Resolve(0)
	v, err := last.Await(t.Context())
	wantValue(t, v, err, n)

	p, last = chain(context.Background(), n)
	p.Reject(errWork)
	v, err = last.Await(t.Context())
	wantError(t, v, err, errWork)

	head := futures.Resolved(0)
	for range n {
		head = head.Then(context.Background(), increment)
	}
	v, err = head.Await(t.Context())
	wantValue(t, v, err, n)
}

func TestLongChainNeedsModerateMemory(t *testing.T) {
	const perLink = 256
	n := scaled(1_000_000)
	before := heap()
	p, last := chain(context.Background(), n)
	if got := (heap() - before) / int64(n); got > perLink {
		t.Errorf("a pending link holds %d bytes; want at most %d", got, perLink)
	}
	p.Resolve(0)
	v, err := last.Await(t.Context())
	wantValue(t, v, err, n)
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d bytes are held by the last future of a settled chain; want its predecessors gone", grown)
	}
	runtime.KeepAlive(last)
}

func TestThenNilArgumentsPanic(t *testing.T) {
	f := futures.Resolved(1)
	wantPanic(t, "Then: nil context", func() { f.Then(nil, double) })
	wantPanic(t, "Then: nil function", func() { f.Then[int](t.Context(), nil) })
}
