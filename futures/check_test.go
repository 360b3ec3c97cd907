package futures_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/futures"
)

var (
	errWork  = errors.New("the work failed")
	errOther = errors.New("other work failed")
	errCause = errors.New("the cause")
)

// canceled returns a context that has ended with errCause.
func canceled() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	return ctx
}

// pending returns a future that nobody has settled, with its promise.
func pending[T any]() (*futures.Promise[T], *futures.Future[T]) {
	p := new(futures.Promise[T])
	return p, p.Future()
}

func wantValue[T comparable](t *testing.T, got T, err error, want T) {
	t.Helper()
	if err != nil || got != want {
		t.Errorf("got %v, error %v; want the value %v", got, err, want)
	}
}

func wantError[T comparable](t *testing.T, got T, err, want error) {
	t.Helper()
	var zero T
	if got != zero || !errors.Is(err, want) {
		t.Errorf("got %v, error %v; want the zero value and the error %v", got, err, want)
	}
}

// wantPending fails if f has settled.
func wantPending[T any](t *testing.T, f *futures.Future[T]) {
	t.Helper()
	if r, ok := f.Try(); ok {
		t.Fatalf("the future has settled with %+v; want it pending", r)
	}
}

// wantInterrupted fails unless err has all the faces of a wait that was ended by
// a context that ended with ctxErr because of errCause.
func wantInterrupted(t *testing.T, err, ctxErr error) {
	t.Helper()
	for _, want := range []error{futures.ErrInterrupted, ctxErr, errCause} {
		if !errors.Is(err, want) {
			t.Errorf("got error %v; want it to match %v", err, want)
		}
	}
}

// wantPanic fails unless fn panics with a message that contains want.
func wantPanic(t *testing.T, want string, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panicked with %q; want a panic that says %q", got, want)
		}
	}()
	fn()
}

// scaled is n, or less under the race detector, which makes every step slow.
func scaled(n int) int {
	if raceEnabled {
		return n / 50
	}
	return n
}

// heap returns the live heap in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// wantFlat runs fn and fails if it leaves goroutines or heap behind.
func wantFlat(t *testing.T, fn func()) {
	t.Helper()
	const slack = 256 << 10
	goroutines, before := runtime.NumGoroutine(), heap()
	fn()
	// Goroutines that have told their last may need a moment to end.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Errorf("%d goroutines, %d before; want none left behind", runtime.NumGoroutine(), goroutines)
			break
		}
	}
	if grown := heap() - before; grown > slack {
		t.Errorf("the heap grew by %d bytes; want at most %d", grown, slack)
	}
}
