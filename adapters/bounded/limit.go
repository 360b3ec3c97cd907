package bounded

import (
	"context"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Limit limits how many jobs run at the same time, on any number of objects: for jobs that
// block in system calls and take a thread each, for example, or that use a connection.
//
// Only jobs that run count, even while they wait for something. A job whose turn comes while
// the limit is reached does not hold its object: it steps aside, and the jobs behind it that
// were not given through the limit go on. It gets a new turn, at the tail, when another job has
// ended. The jobs of one object that were given through the limit still run in the order of
// their calls. The queue has no bound: see [Bound] for that. An observer of the object is told of
// each turn as of a job.
//
// A job of the limit may call [Limit.Do] with the context that it was given. It waits then, so
// the inner job runs in its place, and a limit of 1 is enough for any depth. So the context must
// not be used on a goroutine that the job does not wait for: it could run one more than the limit.
//
// A Limit may be used by several goroutines at once, but not inside and outside a
// testing/synctest bubble at once. Make it with [NewLimit]; with the zero Limit no job runs.
type Limit struct {
	book
	lanes
}

// NewLimit returns a limit of n jobs that run at the same time. It panics if n is not positive.
func NewLimit(n int) *Limit {
	mustBePositive("NewLimit", "limit", int64(n))
	l := new(Limit)
	l.lanes = lanes{limit: n, of: make(map[any]*lane)}
	return l
}

// SetLimit changes the limit. If more jobs run than the new limit, it is reached as they end.
//
// SetLimit panics if n is not positive.
func (l *Limit) SetLimit(n int) {
	mustBePositive("SetLimit", "limit", int64(n))
	l.mu.Lock()
	l.limit = n
	l.mu.Unlock()
	l.resume()
}

// Async queues job on d, a plain object or a key of a [desync.Map], like
// [desync.Desync.Async]. It never waits. The job runs when it has both its turn and a place in
// the limit. It gets a context derived from ctx, for calls of [Limit.Do] in the job. A job that
// was accepted runs even if ctx ends, unless [Limit.TakeBack] takes it back.
//
// After [Limit.Close], Async returns [ErrClosed]. A panic of the job is handled as in
// desync.Desync.Async. A job called from a job of the limit takes a place of its own.
//
// Async panics if ctx, d or job is nil.
func (l *Limit) Async[T any](ctx context.Context, d desync.Object[T], job func(ctx context.Context, data *T)) error {
	mustContext("Limit.Async", ctx)
	mustNotBeNil("Limit.Async", object.IsNil(d) || job == nil)
	return background(l, d, &entry{ctx: ctx}, job, job)
}

// Future is [Limit.Async] with a result. If ctx ends before the job begins, the job never runs
// and the future fails at once, with an error that matches [desync.ErrNotRun], ctx.Err() and
// context.Cause(ctx). If [Limit.TakeBack] takes the job back, the future fails with
// [ErrReturned], and after [Limit.Close] with [ErrClosed]. A panic of the job becomes a
// [*futures.PanicError] of the future, and runtime.Goexit [futures.ErrGoexit].
//
// A job of the limit must not wait for the future of another one: the other one takes a place
// of its own, and there may be none until the first has ended. Use [Limit.Do] there.
//
// Future panics if ctx, d or job is nil.
func (l *Limit) Future[T, R any](ctx context.Context, d desync.Object[T], job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	mustContext("Limit.Future", ctx)
	mustNotBeNil("Limit.Future", object.IsNil(d) || job == nil)
	f := &future[R]{ctx: ctx}
	e := &entry{ctx: ctx}
	e.told = f.fail
	err := background(l, d, e, func(ctx context.Context, data *T) {
		f.run(func() (R, error) { return job(ctx, data) })
	}, job)
	if err != nil {
		return futures.Rejected[R](err)
	}
	f.watch(func(err error) { l.cancel(e, err) })
	return f.Promise.Future()
}

// Do waits until the job has both its turn on d and a place in the limit, runs it on the
// calling goroutine and returns its error. If ctx ends first, or has ended before the call, the
// job never runs and the error matches [desync.ErrNotRun], ctx.Err() and context.Cause(ctx).
//
// The job gets a context derived from ctx, which records that the job holds d and has a place
// in the limit; see [desync.Desync.DoContext]. With the context of a job of the limit, the
// inner job runs in the place of the outer one, which waits for it. So does what is queued
// before the inner job on d. If an object is held along the context, Do returns a
// [*desync.DeadlockError].
//
// Inside a job, but without the context of a job of the limit, Do does not wait for a place,
// since the jobs that have them may be waiting for this very job. If there is none it returns
// an error that matches [ErrInJob] and desync.ErrNotRun.
//
// If [Limit.TakeBack] takes the job back, Do returns [ErrReturned], and after [Limit.Close]
// [ErrClosed]. A panic in the job goes to the caller, and runtime.Goexit ends the calling
// goroutine. Either way the object and the limit go on.
//
// Do panics if ctx, d or job is nil.
func (l *Limit) Do[T any](ctx context.Context, d desync.Object[T], job func(ctx context.Context, data *T) error) error {
	mustContext("Limit.Do", ctx)
	mustNotBeNil("Limit.Do", object.IsNil(d) || job == nil)
	if ctx.Err() != nil {
		return notRun(ctx, "the job's turn")
	}
	e := newCall(placeAlong(ctx, l))
	// A context of our own: TakeBack can end it, and its methods cannot fail.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e.told = cancel
	if err := accept(l, d, e, job); err != nil {
		return err
	}
	defer l.leave(e) // also if a function of the user's does not return
	for inner := false; ; {
		err := d.DoContext(ctx, func(ctx context.Context, data *T) error {
			if inner = l.beginCall(e); !inner {
				return nil
			}
			defer l.end(e)
			return job(e.context(ctx), data)
		})
		switch {
		case inner:
			return err
		case l.isOver(e):
			return ErrReturned
		case err != nil:
			return err
		case e.outer == nil && inJob():
			return errLimitedInJob
		}
		select {
		case <-e.wake:
		case <-ctx.Done():
			if l.isOver(e) {
				return ErrReturned
			}
			return notRun(ctx, "the job's turn")
		}
	}
}

// Close makes the limit refuse all further jobs, with [ErrClosed], and waits until those that
// were accepted have ended. A job that runs can still call [Limit.Do] with its context. When ctx
// ends, and in a job, Close does what [Bound.Close] does; see there.
func (l *Limit) Close(ctx context.Context) error {
	mustContext("Limit.Close", ctx)
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	return l.wait(ctx, "Limit.Close")
}

// Wait returns when no job is left, as [Bound.Wait] does.
func (l *Limit) Wait(ctx context.Context) error {
	mustContext("Limit.Wait", ctx)
	return l.wait(ctx, "Limit.Wait")
}
