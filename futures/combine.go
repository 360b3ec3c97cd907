package futures

import (
	"context"
	"errors"
	"iter"
	"slices"
)

// All blocks until every future has succeeded, and returns their values in the
// order of the arguments. As soon as one fails, All returns nil and that error,
// unchanged; if several have failed before the call, it returns the error with
// the lowest index. Given no futures it returns an empty slice.
//
// If ctx ends before the outcome is known, All returns an error that matches
// [ErrInterrupted], ctx.Err() and context.Cause(ctx). In every case, the work
// behind the futures goes on, and All leaves nothing behind in them. It panics
// if ctx or one of the futures is nil.
func All[T any](ctx context.Context, fs ...*Future[T]) ([]T, error) {
	mustFutures("All", ctx, fs)
	g := registerAll(fs)
	defer g.release()

	values := make([]T, len(fs))
	for range fs {
		i, ok := g.next(ctx)
		if !ok {
			return nil, interrupted(ctx)
		}
		if err := fs[i].err; err != nil {
			return nil, err
		}
		values[i] = fs[i].value
	}
	return values, nil
}

// AllSettled blocks until every future has settled, and returns their results
// in the order of the arguments, with a nil error even if some have failed.
// Given no futures it returns an empty slice.
//
// If ctx ends before that, AllSettled returns the results of the futures that
// have settled, and an error that matches [ErrInterrupted], ctx.Err() and
// context.Cause(ctx). The results of the other futures have that error too. In
// every case, the work behind the futures goes on, and AllSettled leaves
// nothing behind in them. It panics if ctx or one of the futures is nil.
func AllSettled[T any](ctx context.Context, fs ...*Future[T]) ([]Result[T], error) {
	mustFutures("AllSettled", ctx, fs)
	g := registerAll(fs)
	defer g.release()

	results := make([]Result[T], len(fs))
	for range fs {
		i, ok := g.next(ctx)
		if !ok {
			err := interrupted(ctx)
			for i := range g.pending() {
				results[i].Err = err
			}
			return results, err
		}
		results[i] = fs[i].result()
	}
	return results, nil
}

// Any blocks until one future succeeds, and returns its value; if several have
// succeeded before the call, it returns the value with the lowest index. If all
// fail, Any returns their errors joined in the order of the arguments (see
// [errors.Join]). Given no futures it returns [ErrEmpty].
//
// If ctx ends before the outcome is known, Any returns an error that matches
// [ErrInterrupted], ctx.Err() and context.Cause(ctx). In every case, the work
// behind the futures goes on, and Any leaves nothing behind in them. It panics
// if ctx or one of the futures is nil.
func Any[T any](ctx context.Context, fs ...*Future[T]) (T, error) {
	mustFutures("Any", ctx, fs)
	g := registerAll(fs)
	defer g.release()

	var zero T
	if len(fs) == 0 {
		return zero, ErrEmpty
	}
	errs := make([]error, len(fs))
	for range fs {
		i, ok := g.next(ctx)
		if !ok {
			return zero, interrupted(ctx)
		}
		if fs[i].err == nil {
			return fs[i].value, nil
		}
		errs[i] = fs[i].err
	}
	return zero, errors.Join(errs...)
}

// Race blocks until one future settles, and returns its value or error,
// unchanged; if several have settled before the call, it returns the result
// with the lowest index. Given no futures it returns [ErrEmpty].
//
// If ctx ends before any has settled, Race returns an error that matches
// [ErrInterrupted], ctx.Err() and context.Cause(ctx). In every case, the work
// behind the futures goes on, and Race leaves nothing behind in them. It panics
// if ctx or one of the futures is nil.
func Race[T any](ctx context.Context, fs ...*Future[T]) (T, error) {
	mustFutures("Race", ctx, fs)
	g := registerAll(fs)
	defer g.release()

	var zero T
	if len(fs) == 0 {
		return zero, ErrEmpty
	}
	i, ok := g.next(ctx)
	if !ok {
		return zero, interrupted(ctx)
	}
	return fs[i].value, fs[i].err
}

// Completed returns a sequence of the indexes and results of the futures, in
// the order in which they settle. Futures that have settled when the iteration
// starts come first, in index order. Every index comes exactly once. The
// iteration blocks until the next future settles; it starts no goroutine.
//
// If ctx ends, the futures that have settled by then still come with their
// results. Then the others come in index order, each with an error that matches
// [ErrInterrupted], ctx.Err() and context.Cause(ctx). However the loop ends,
// the work behind the futures goes on, and nothing is left behind in them.
//
// The sequence may be ranged over more than once, and starts again each time.
// Completed itself does not block. It panics if ctx or one of the futures is
// nil.
func Completed[T any](ctx context.Context, fs ...*Future[T]) iter.Seq2[int, Result[T]] {
	mustFutures("Completed", ctx, fs)
	fs = slices.Clone(fs) // the loop may run after the caller has reused fs
	return func(yield func(int, Result[T]) bool) {
		g := registerAll(fs)
		defer g.release()

		for {
			i, ok := g.next(ctx)
			if !ok {
				break
			}
			if !yield(i, fs[i].result()) {
				return
			}
		}
		for i := range g.pending() {
			if !yield(i, Result[T]{Err: interrupted(ctx)}) {
				return
			}
		}
	}
}
