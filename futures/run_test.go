package futures_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

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
