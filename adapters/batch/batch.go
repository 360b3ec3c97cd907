package batch

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Batch gathers the items of many callers, and hands them to one job of an object, batch
// by batch. The items of one goroutine are in the order of its calls of Add and Future. If a
// call has returned before another begins, its item comes first, in the same batch or in an
// earlier one.
//
// A Batch may be used by several goroutines at once. It needs no Close: a Batch that is not
// used any more is collected like any other value. Make it with [New].
type Batch[V, R any] struct {
	limits Limits[V]
	queue  func() (stop func() bool)       // queues a turn on the object
	self   func(ctx context.Context) error // CheckWait of the object

	mu      sync.Mutex
	line    list.List       // of *gathered, those that have not begun, in their order
	open    *gathered[V, R] // the last of the line, if it still takes items
	running *gathered[V, R]
	waiting int // items in the line
	closed  bool
}

// New returns a Batch whose batches are jobs on d, a plain object or a key of a
// [desync.Map]. The job gets the items of one batch, at least one, in their order. The slice
// is the job's.
//
// What job returns is for the callers: item i gets results[i]. If it returns no results, each
// item gets the zero R. If it returns an error, each item fails with that error, or with one
// of its own: see [Errors]. If job panics, all items of the batch fail with a
// [*futures.PanicError], and if it calls runtime.Goexit, with [futures.ErrGoexit]; but do not
// call Goexit in a job. If d is a key whose value cannot be made, they fail with the reason.
// In all cases the object and the Batch go on.
//
// New panics if d or job is nil, if a limit is negative, or if only one of Bytes and Size is
// set.
func New[T, V, R any](d desync.Object[T], limits Limits[V], job func(data *T, items []V) (results []R, err error)) *Batch[V, R] {
	if object.IsNil(d) || job == nil {
		panic("batch: New: the object and the job must not be nil")
	}
	limits.check()
	d.Pending() // panics if d is a key that cannot be found again
	b := &Batch[V, R]{limits: limits}
	b.queue = func() (stop func() bool) { return d.Submit(&turn[T, V, R]{batch: b, job: job}) }
	b.self = func(ctx context.Context) error { return desync.CheckWait(ctx, d) }
	return b
}

// Add adds an item, waits until the batch with the item has run, and returns the result of
// the item, or its error; see [New].
//
// If ctx ends before the batch begins, or has ended before the call, the item is taken out
// and Add returns at once: the error matches [desync.ErrNotRun], ctx.Err() and
// context.Cause(ctx). If ctx ends while the batch runs, Add returns at once too, but the item
// may have its effect: the error matches [futures.ErrInterrupted], ctx.Err() and
// context.Cause(ctx). After [Batch.Close] the error is [ErrClosed].
//
// A job of the object must not call Add, since the batch comes after that job. If ctx comes
// from the context of such a job, Add returns a [*desync.DeadlockError]. With the race
// detector, or the build tag desyncdebug, it does so for any ctx, and also if the wait would
// close a cycle of waits. In other builds it then waits until ctx ends. A job may call
// [Batch.Future].
//
// Add panics if ctx is nil.
func (b *Batch[V, R]) Add(ctx context.Context, item V) (result R, err error) {
	if ctx == nil {
		panic("batch: Add: the context must not be nil")
	}
	if ctx.Err() != nil {
		return result, notRun(ctx)
	}
	if err := b.self(ctx); err != nil {
		return result, err
	}
	e, err := b.accept(item)
	if err != nil {
		return result, err
	}
	f := e.Future()
	if result, err = f.Await(ctx); err == nil {
		return result, nil
	}
	if r, ok := f.Try(); ok { // the error of the item; or it has settled just now
		return r.Value, r.Err
	}
	if !b.takeOut(e) {
		return result, err
	}
	if _, ok := errors.AsType[*desync.DeadlockError](err); ok {
		return result, err
	}
	return result, notRun(ctx)
}

// Future adds an item and returns a future of its result, at once. The future settles when
// the batch with the item has run, as [Batch.Add] returns, and the item is in its batch
// whether or not anybody waits for the future. After [Batch.Close] the future has failed with
// [ErrClosed].
//
// Future neither blocks nor refuses. Producers that are faster than the job fill the memory:
// use Add where that may be.
func (b *Batch[V, R]) Future(item V) *futures.Future[R] {
	e, err := b.accept(item)
	if err != nil {
		return futures.Rejected[R](err)
	}
	return e.Future()
}
