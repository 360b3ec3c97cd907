package bounded

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/adapters/internal/onstack"
	"github.com/go-desync/go-desync/desync"
)

// The errors of a job that was not accepted. Match them with errors.Is. All match
// [desync.ErrNotRun] too: the job has not run and never will.
var (
	// ErrFull says that there was no room for the job.
	ErrFull = fmt.Errorf("bounded: no room for the job: %w", desync.ErrNotRun)

	// ErrInJob says that there was no room for the job, and that Async did not
	// wait for room because it was called in a job. It matches ErrFull too.
	ErrInJob = fmt.Errorf("bounded: Async does not wait inside a job, since the jobs that hold the room may wait "+
		"for this one or for an object that it holds: %w", ErrFull)

	// ErrTooHeavy says that the weight of the job is above the size of the bound,
	// so that there will never be room for it.
	ErrTooHeavy = fmt.Errorf("bounded: the job is heavier than the bound allows: %w", desync.ErrNotRun)
)

// A Bound limits the jobs that are queued or running, on one object or on several that
// share the bound. A job takes as much room as it weighs, from the moment when it is
// accepted until it has ended. Jobs that are handed over without the bound take none.
//
// A Bound may be used by several goroutines at once, but not inside and outside a
// testing/synctest bubble at once. Make it with [New]; the zero Bound has no room.
type Bound struct {
	size int64
	room *semaphore.Weighted

	taken atomic.Int64 // of the room, for people
}

// New returns a bound with room for jobs with a total weight of size. It panics if size
// is not positive.
func New(size int64) *Bound {
	if size <= 0 {
		panic(fmt.Sprintf("bounded: New: the size must be positive, it is %d", size))
	}
	return &Bound{size: size, room: semaphore.NewWeighted(size)}
}

// Async waits until there is room for weight and then queues job on d, a plain object or a
// key of a [desync.Map], like [desync.Desync.Async]. Calls that wait get their room in the
// order in which they were made, so a heavy job is not overtaken forever by light ones.
//
// If ctx ends before there is room, or has ended before the call, the job is not
// accepted and the error matches [desync.ErrNotRun], ctx.Err() and
// context.Cause(ctx). A job that has been accepted runs, even if ctx ends.
//
// Inside a job Async does not wait. There it returns [ErrInJob] at once if there is
// no room, because the jobs that hold it may be waiting for this very job: see the
// package documentation. If weight is above the size of the bound it returns
// [ErrTooHeavy]. A job that is not accepted leaves nothing behind.
//
// A panic of the job is handled as in [desync.Desync.Async]. The room becomes free in
// any case, even if an observer of d panics and the job is not queued, or if d is a key whose
// value cannot be made.
//
// Async panics if ctx, d or job is nil or weight is not positive.
func (b *Bound) Async[T any](ctx context.Context, d desync.Object[T], weight int64, job func(data *T)) error {
	if ctx == nil {
		panic("bounded: Async: the context must not be nil")
	}
	check("Async", weight, object.IsNil(d) || job == nil)
	if err := b.enter(ctx, weight); err != nil {
		return err
	}
	handOver(b, d, weight, job)
	return nil
}

// TryAsync is [Bound.Async] without waiting: if there is no room, or another call
// already waits for room, it returns [ErrFull] at once, and nothing has happened.
//
// TryAsync panics if d or job is nil or weight is not positive.
func (b *Bound) TryAsync[T any](d desync.Object[T], weight int64, job func(data *T)) error {
	check("TryAsync", weight, object.IsNil(d) || job == nil)
	if err := b.tryEnter(weight); err != nil {
		return err
	}
	handOver(b, d, weight, job)
	return nil
}

func check(name string, weight int64, isNil bool) {
	if isNil {
		panic("bounded: " + name + ": the object and the job must not be nil")
	}
	if weight <= 0 {
		panic(fmt.Sprintf("bounded: %s: the weight must be positive, it is %d", name, weight))
	}
}

// enter takes room, or returns why not. Outside of jobs it waits for room.
func (b *Bound) enter(ctx context.Context, weight int64) error {
	if ctx.Err() != nil {
		return notRun(ctx)
	}
	if err := b.tryEnter(weight); err != ErrFull {
		return err
	}
	if inJob() {
		return ErrInJob
	}
	if b.room.Acquire(ctx, weight) != nil {
		return notRun(ctx)
	}
	b.taken.Add(weight)
	return nil
}

// tryEnter takes room if it need not wait.
func (b *Bound) tryEnter(weight int64) error {
	switch {
	case weight > b.size:
		return ErrTooHeavy
	case !b.room.TryAcquire(weight):
		return ErrFull
	}
	b.taken.Add(weight)
	return nil
}

// leave gives room back.
func (b *Bound) leave(weight int64) {
	b.taken.Add(-weight) // first: so that it is never more than there is
	b.room.Release(weight)
}

// inJob reports whether the calling goroutine runs a job of any object. If so, a
// function of package desync is on its stack.
func inJob() bool {
	return onstack.Has(reflect.TypeFor[desync.DeadlockError]().PkgPath() + ".")
}

// handOver queues the job, which gives back the room when it has ended.
func handOver[T any](b *Bound, d desync.Object[T], weight int64, job func(data *T)) {
	queued := false
	defer func() {
		if !queued { // an observer of the object panicked: the job never runs
			b.leave(weight)
		}
	}()
	d.Submit(&accepted[T]{b: b, weight: weight, job: job})
	queued = true
}

// accepted is a job that has room. Unlike a job of Async, it learns if the value of a key could
// not be made.
type accepted[T any] struct {
	b      *Bound
	weight int64
	job    func(*T)
	run    bool
}

func (a *accepted[T]) Run(data *T) {
	a.run = true
	a.job(data)
}

// Func is for observers of the object.
func (a *accepted[T]) Func() any { return a.job }

// Ended gives back the room. If a panic has kept the value from being made, it goes on, as in
// Async.
func (a *accepted[T]) Ended(err error) {
	a.b.leave(a.weight)
	if p, ok := err.(*desync.PanicError); ok && !a.run {
		panic(p)
	}
}

func notRun(ctx context.Context) error {
	return ended.Error(ctx, "bounded: the context ended before there was room", desync.ErrNotRun)
}
