package futures

import (
	"context"

	"github.com/go-desync/go-desync/futures/waits"
)

// A Future is the result of work that may still be going on. It settles once, with a
// value or with an error, and keeps that result: any number of goroutines may read it,
// any number of times. A Future has no method that settles it, and none that ends the
// work.
//
// Futures come from a [Promise], from functions such as [Go] and [Resolved], and
// from [Future.Then]. The zero Future has no promise and never settles.
// A Future must not be copied.
//
// In the terminology of [the Go memory model], the call that settles a future
// “synchronizes before” the return of every Await and Try that reports its
// result and the closing of the channel that Done returns.
//
// [the Go memory model]: https://go.dev/ref/mem
type Future[T any] struct {
	hook
	signal signal

	// Written once, between claim and announce.
	value T
	err   error
}

// A hook lets an Await for the future of a job take part in the search for cycles of
// waits. It is empty in builds that do not search.
type hook = waits.Hook

// A Result is what a settled future holds. If Err is nil the work succeeded
// with Value; otherwise Value is the zero T.
type Result[T any] struct {
	Value T
	Err   error
}

// Resolved returns a future that has succeeded with v. A v that is an error, or a
// nil interface, is a value like any other.
func Resolved[T any](v T) *Future[T] {
	p := new(Promise[T])
	p.Resolve(v)
	return p.Future()
}

// Rejected returns a future that has failed with err. If err is nil, it has
// failed with [ErrNilReject].
func Rejected[T any](err error) *Future[T] {
	p := new(Promise[T])
	p.Reject(err)
	return p.Future()
}

// Await blocks until f settles or ctx ends, and returns f's result. Waiting is
// durably blocking in a testing/synctest bubble.
//
// If ctx ends first, the zero T is returned with an error that matches [ErrInterrupted],
// ctx.Err() and context.Cause(ctx). That ends only this wait: the work goes on, and f
// may be awaited again. If f has settled, Await returns its result even if ctx has
// ended, and allocates nothing. The same holds if f is about to settle because the
// context of its work has ended: see [Promise.RejectOn] and [Promise.OnInterrupt].
//
// Await panics if ctx is nil.
func (f *Future[T]) Await(ctx context.Context) (T, error) {
	mustContext("Await", ctx)
	if f.signal.settled.Load() {
		return f.value, f.err
	}
	return f.awaitSlow(ctx)
}

func (f *Future[T]) awaitSlow(ctx context.Context) (T, error) {
	if waits.Watching {
		ended, err := waits.Await(ctx, &f.hook)
		if err != nil {
			var zero T
			return zero, err
		}
		defer ended()
	}
	done := ctx.Done()
	if done == nil { // nothing to choose from: no channel is needed
		f.signal.sleep()
		return f.value, f.err
	}
	select {
	case <-f.signal.wait():
	case <-done:
		// If ctx is also the context of the work, f has settled or is about to; then
		// return its result.
		f.signal.look()
		if !f.signal.settled.Load() {
			var zero T
			return zero, interrupted(ctx)
		}
	}
	return f.value, f.err
}

// Done returns a channel that is closed when f settles, for use in a select
// statement; [Future.Try] then has the result. Done never blocks. The channel
// is made by the first call on a pending future; calls made before and after
// settling may return different channels.
func (f *Future[T]) Done() <-chan struct{} {
	return f.signal.wait()
}

// Try returns f's result and true if f has settled, and false otherwise.
// It never blocks and never allocates.
func (f *Future[T]) Try() (Result[T], bool) {
	if !f.signal.settled.Load() {
		return Result[T]{}, false
	}
	return f.result(), true
}

// result returns what f holds. It must only be called when f has settled.
func (f *Future[T]) result() Result[T] {
	return Result[T]{Value: f.value, Err: f.err}
}
