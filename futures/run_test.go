package futures_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/futures"
)

func TestGo(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, 5)
	f := futures.Go(ctx, func(ctx context.Context) (int, error) { return ctx.Value(key{}).(int), nil })
	v, err := f.Await(t.Context())
	wantValue(t, v, err, 5)

	f = futures.Go(ctx, func(context.Context) (int, error) { return 5, errWork })
	v, err = f.Await(t.Context())
	wantError(t, v, err, errWork)
}

func TestGoRunsAnywayAndHandsOnTheContext(t *testing.T) {
	f := futures.Go(canceled(), func(ctx context.Context) (int, error) { return 0, context.Cause(ctx) })
	v, err := f.Await(t.Context())
	wantError(t, v, err, errCause)
}

func TestFUT2SettlesAfterTheDeferredFunctions(t *testing.T) {
	endings := map[string]func(){
		"return": func() {},
		"panic":  func() { panic("boom") },
		"Goexit": runtime.Goexit,
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				f := futures.Go(t.Context(), func(context.Context) (int, error) {
					defer func() { <-gate }()
					end()
					return 1, nil
				})
				synctest.Wait()
				wantPending(t, f)
				close(gate)
				<-f.Done()
			})
		})
	}
}

//go:noinline
func functionThatPanics(v any) { panic(v) }

func panicOf(t *testing.T, v any) *futures.PanicError {
	t.Helper()
	f := futures.Go(t.Context(), func(context.Context) (int, error) { functionThatPanics(v); return 1, nil })
	return panicError(t, f)
}

func panicError[T any](t *testing.T, f *futures.Future[T]) *futures.PanicError {
	t.Helper()
	_, err := f.Await(t.Context())
	pe, ok := errors.AsType[*futures.PanicError](err)
	if !ok {
		t.Fatalf("got error %v; want a *PanicError", err)
	}
	return pe
}

func TestPanicBecomesPanicError(t *testing.T) {
	pe := panicOf(t, "boom")
	if pe.Value != "boom" {
		t.Errorf("Value is %v; want boom", pe.Value)
	}
	if !strings.Contains(string(pe.Stack), "functionThatPanics") {
		t.Errorf("the stack does not show the function that panicked:\n%s", pe.Stack)
	}
	text := pe.Error()
	if !strings.HasPrefix(text, "panic: boom\n\ngoroutine ") || !strings.Contains(text, "functionThatPanics") {
		t.Errorf("Error returned %q; want the value and the stack", text)
	}
	if pe.Unwrap() != nil {
		t.Errorf("Unwrap returned %v; want nil: the value is no error", pe.Unwrap())
	}
}

func TestPanicWithAnErrorUnwraps(t *testing.T) {
	if pe := panicOf(t, errWork); !errors.Is(pe, errWork) {
		t.Errorf("%v does not match the error that was thrown", pe)
	}
}

func TestPanicNilIsARejection(t *testing.T) {
	for _, setting := range []string{"panicnil=0", "panicnil=1"} {
		t.Run(setting, func(t *testing.T) {
			t.Setenv("GODEBUG", setting)
			pe := panicOf(t, nil)
			if _, ok := errors.AsType[*runtime.PanicNilError](pe); !ok {
				t.Errorf("Value is %#v; want a *runtime.PanicNilError", pe.Value)
			}
		})
	}
}

func TestPanicErrorWithoutAStack(t *testing.T) {
	if got := (&futures.PanicError{Value: 1}).Error(); got != "panic: 1" {
		t.Errorf("Error returned %q; want %q", got, "panic: 1")
	}
}

func TestGoexitBecomesErrGoexit(t *testing.T) {
	f := futures.Go(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 1, nil })
	v, err := f.Await(t.Context())
	wantError(t, v, err, futures.ErrGoexit)
}

func TestGoNilArgumentsPanic(t *testing.T) {
	fn := func(context.Context) (int, error) { return 0, nil }
	wantPanic(t, "Go: nil context", func() { futures.Go(nil, fn) })
	wantPanic(t, "Go: nil function", func() { futures.Go[int](t.Context(), nil) })
}

func TestFromChan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		f := futures.FromChan(t.Context(), c)
		synctest.Wait()
		wantPending(t, f)
		c <- 4
		v, err := f.Await(t.Context())
		wantValue(t, v, err, 4)
	})
}

func TestFromChanReceivesAReadyValueAtOnce(t *testing.T) {
	c := make(chan int, 2)
	c <- 1
	c <- 2
	if r, ok := futures.FromChan(canceled(), c).Try(); !ok || r.Value != 1 || r.Err != nil {
		t.Errorf("got %+v, settled %t; want the value 1 at once", r, ok)
	}
	if len(c) != 1 {
		t.Errorf("%d values left in the channel; want 1", len(c))
	}
}

func TestFromChanClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		waiting := futures.FromChan(t.Context(), c)
		synctest.Wait()
		close(c)
		for _, f := range []*futures.Future[int]{waiting, futures.FromChan(t.Context(), c)} {
			v, err := f.Await(t.Context())
			wantError(t, v, err, futures.ErrClosed)
		}
	})
}

func TestFromChanInterruptedLosesNoValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int, 1)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errCause)
		defer cancel()
		_, err := futures.FromChan(ctx, c).Await(t.Context())
		wantInterrupted(t, err, context.DeadlineExceeded)
		c <- 1
		synctest.Wait()
		if len(c) != 1 {
			t.Error("the value is gone; want it left in the channel after the interruption")
		}
	})
}

func TestFromChanReadyValueBeatsDoneContextInARace(t *testing.T) {
	for range scaled(20000) {
		c := make(chan int, 1)
		ctx, cancel := context.WithCancel(t.Context())
		f := futures.FromChan(ctx, c)
		runtime.Gosched()
		c <- 1
		cancel()
		if v, err := f.Await(t.Context()); v != 1 || err != nil {
			t.Fatalf("got %d, %v; want 1: it was sent before the context ended", v, err)
		}
	}
}

func TestFromChanNilArgumentsPanic(t *testing.T) {
	wantPanic(t, "FromChan: nil context", func() { futures.FromChan(nil, make(chan int)) })
	wantPanic(t, "FromChan: nil channel", func() { futures.FromChan[int](t.Context(), nil) })
}

func TestToChan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		c, unread := futures.ToChan(f), futures.ToChan(f)
		synctest.Wait()
		if len(c) > 0 {
			t.Fatal("a result has come before the future has settled")
		}
		p.Resolve(5)
		if r, want := <-c, (futures.Result[int]{Value: 5}); r != want {
			t.Errorf("received %+v, want %+v", r, want)
		}
		if _, open := <-c; open {
			t.Error("the channel is open after the result")
		}
		synctest.Wait()
		if len(unread) != 1 {
			t.Error("a channel that nobody has received from has no result")
		}
	})
	if r := <-futures.ToChan(futures.Failed[int](errWork)); r.Err != errWork || r.Value != 0 {
		t.Errorf("received %+v, want the error %v", r, errWork)
	}
	wantPanic(t, "ToChan: nil future", func() { futures.ToChan[int](nil) })
}
