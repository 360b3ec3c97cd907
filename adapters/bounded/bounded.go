package bounded

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Bound limits the jobs that are queued or running, on one object or on several that
// share the bound. A job takes as much room as it weighs, from the moment when it is
// accepted until it has ended. Jobs that are handed over without the bound take none.
//
// A Bound may be used by several goroutines at once, but not inside and outside a
// testing/synctest bubble at once. Make it with [New]; the zero Bound has no room.
type Bound struct {
	book
	room room
}

// An Option of [New] changes what a Bound refuses.
type Option func(*Bound)

// MaxWaiting lets at most n calls wait for room at a time: a call beyond that returns
// [ErrFull] at once. Without it, any number of calls wait. With n 0 no call waits.
//
// MaxWaiting panics if n is negative.
func MaxWaiting(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("bounded: MaxWaiting: the number must not be negative, it is %d", n))
	}
	return func(b *Bound) { b.room.most = n }
}

// New returns a bound with room for jobs with a total weight of size. It panics if size
// is not positive.
func New(size int64, opts ...Option) *Bound {
	mustBePositive("New", "size", size)
	b := &Bound{room: room{size: size, most: -1}}
	for _, o := range opts {
		o(b)
	}
	return b
}

// SetSize changes the size of the bound. Calls that wait get the room that there is now. If
// more is taken than the new size, it goes down as jobs end. Calls that wait with a job
// heavier than the new size return [ErrTooHeavy].
//
// SetSize panics if size is not positive.
func (b *Bound) SetSize(size int64) {
	mustBePositive("SetSize", "size", size)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.room.size = size
	b.refuse(func(t *ticket) error {
		if t.weight > size {
			return ErrTooHeavy
		}
		return nil
	})
	b.admit()
}

// Async waits until there is room for weight and then queues job on d, a plain object or a
// key of a [desync.Map], like [desync.Desync.Async]. Calls that wait get their room in the
// order in which they were made, so a heavy job is not overtaken forever by light ones.
//
// If ctx ends before there is room, or has ended before the call, the job is not
// accepted and the error matches [desync.ErrNotRun], ctx.Err() and
// context.Cause(ctx). A job that has been accepted runs, even if ctx ends, unless
// [Bound.TakeBack] takes it back.
//
// Inside a job Async does not wait. There, if there is no room, the error matches
// [ErrInJob] and [ErrFull], because the jobs that hold the room may be waiting for this very
// job: see the package documentation. If weight is above the size of the bound it returns
// [ErrTooHeavy], and after [Bound.Close] it returns [ErrClosed]. A job that is not accepted
// leaves nothing behind.
//
// A panic of the job is handled as in [desync.Desync.Async]. The room becomes free in
// any case, even if an observer of d panics and the job is not queued, or if d is a key whose
// value cannot be made.
//
// Async panics if ctx, d or job is nil or weight is not positive.
func (b *Bound) Async[T any](ctx context.Context, d desync.Object[T], weight int64, job func(data *T)) error {
	mustContext("Async", ctx)
	mustNotBeNil("Async", object.IsNil(d) || job == nil)
	return give(b, "Async", d, &accepted[T]{run: job}, job, weight, func(t *ticket) error { return b.enter(ctx, t) })
}

// TryAsync is [Bound.Async] without waiting: if there is no room, or another call
// already waits for room, it returns [ErrFull] at once, and nothing has happened.
//
// TryAsync panics if d or job is nil or weight is not positive.
func (b *Bound) TryAsync[T any](d desync.Object[T], weight int64, job func(data *T)) error {
	mustNotBeNil("TryAsync", object.IsNil(d) || job == nil)
	return give(b, "TryAsync", d, &accepted[T]{run: job}, job, weight, b.tryEnter)
}

// Submit is [Bound.Async] with a [desync.Job], which learns how it has ended. Unlike
// [desync.Desync.Submit], it calls Ended also if [Bound.TakeBack] has kept the job from
// running, with [ErrReturned]; Ended is then called by that goroutine. Ended is not called if
// Submit returns an error.
//
// Submit panics if ctx, d or job is nil or weight is not positive.
func (b *Bound) Submit[T any](ctx context.Context, d desync.Object[T], weight int64, job desync.Job[T]) error {
	mustContext("Submit", ctx)
	mustNotBeNil("Submit", object.IsNil(d) || job == nil)
	return give(b, "Submit", d, &accepted[T]{run: job.Run, ended: job.Ended}, job, weight, func(t *ticket) error { return b.enter(ctx, t) })
}

// Future is [Bound.Async] with a job that has a result: it waits for room, queues the job
// and returns a future of what the job returns. If the job is not accepted, the future has
// failed with the error that Async returns. If ctx ends before the job's turn, the job never
// runs and the future fails at once, with an error that matches [desync.ErrNotRun], ctx.Err()
// and context.Cause(ctx); its room is free then. If [Bound.TakeBack] takes the job back, the
// future fails with [ErrReturned].
//
// The context of the job is ctx. It does not record which object the job holds. A panic of
// the job becomes a [*futures.PanicError] of the future, and runtime.Goexit
// [futures.ErrGoexit].
//
// Future panics if ctx, d or job is nil or weight is not positive.
func (b *Bound) Future[T, R any](ctx context.Context, d desync.Object[T], weight int64, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	mustContext("Future", ctx)
	mustNotBeNil("Future", object.IsNil(d) || job == nil)
	f := &future[R]{ctx: ctx}
	a := &accepted[T]{run: func(data *T) { f.run(func() (R, error) { return job(ctx, data) }) }, ended: f.fail}
	err := give(b, "Future", d, a, job, weight, func(t *ticket) error { return b.enter(ctx, t) })
	if err != nil {
		return futures.Rejected[R](err)
	}
	f.watch(func(err error) { b.cancel(&a.ticket, err) })
	return f.Promise.Future()
}
