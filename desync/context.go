package desync

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// ErrNotRun is matched by the error of every call or future of a Context variant
// whose job has not run and never will. If that is because the context ended, the
// error matches ctx.Err() and context.Cause(ctx) as well.
var ErrNotRun = errors.New("desync: the job has not run and will not")

// notRunError is the ErrNotRun of a context that ended.
type notRunError struct{ err, cause error }

func notRun(ctx context.Context) error {
	return &notRunError{ctx.Err(), context.Cause(ctx)}
}

func (e *notRunError) Error() string   { return ErrNotRun.Error() + ": " + e.cause.Error() }
func (e *notRunError) Unwrap() []error { return []error{ErrNotRun, e.err, e.cause} }

// DoContext is [Desync.Do] for a caller who may give up: it waits for the job's
// turn, runs it on the calling goroutine and returns its error. If ctx ends before
// the job's turn, or has ended before the call, the job does not run, then or
// later, and DoContext returns at once with an error that matches [ErrNotRun],
// ctx.Err() and context.Cause(ctx). Once the job has started, its own error is
// returned, whatever becomes of ctx. Unlike Do it runs no other jobs while it
// waits.
//
// The job gets a context derived from ctx, which knows that the object is held. A
// Context call with it, or with one derived from it, that would have to wait for
// an object held along it returns a [*DeadlockError]. So do not use it in a
// goroutine that the job does not wait for.
//
// A panic or runtime.Goexit in the job is the caller's own; the object goes on.
// DoContext panics if ctx or job is nil.
func (d *Desync[T]) DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: DoContext: the context and the job must not be nil")
	}
	if d.core.cfg.observed() {
		return d.runFollowed(ctx, job)
	}
	return d.runContext(ctx, job)
}

// SyncContext is [Desync.DoContext] with a result. If the job does not run, the
// result is the zero R.
func (d *Desync[T]) SyncContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) (result R, err error) {
	if ctx == nil || job == nil {
		panic("desync: SyncContext: the context and the job must not be nil")
	}
	err = d.DoContext(ctx, func(ctx context.Context, data *T) (err error) {
		result, err = job(ctx, data)
		return err
	})
	return result, err
}

func (d *Desync[T]) runContext(ctx context.Context, job func(context.Context, *T) error) error {
	if err := d.acquireContext(ctx); err != nil {
		return err
	}
	defer d.release()
	h := &holding{Context: ctx, object: d}
	defer h.over.increment()
	return job(h, &d.data)
}

// acquireContext takes the turn, or returns why the job must not run.
func (d *Desync[T]) acquireContext(ctx context.Context) error {
	if ctx.Err() != nil {
		return notRun(ctx)
	}
	if d.core.take() {
		if watching {
			waits.Hold(object(d))
		}
		return nil
	}
	if err := ringAlong(ctx, d, "Context"); err != nil {
		return err
	}
	var wait *waits.Waiting
	if watching {
		wait = waits.Prepare(ctx.Done() != nil, nil, waits.NewJob(object(d)))
	}
	w := &contextWaiter{turn: make(chan struct{})}
	taken, ring := d.core.place(w, wait)
	if ring != nil {
		if ctx.Err() != nil {
			return notRun(ctx)
		}
		return deadlock(ring)
	}
	if !taken {
		select {
		case <-w.turn:
		case <-ctx.Done():
			// Whoever swaps the state decides. If the turn has been granted, it
			// has to be passed on.
			if w.state.CompareAndSwap(pending, cancelled) {
				if watching {
					waits.End()
				}
				return notRun(ctx)
			}
			<-w.turn
		}
	}
	if watching {
		waits.Hold(object(d))
	}
	// The context may have ended before the turn came without having been seen.
	if ctx.Err() != nil {
		d.release()
		return notRun(ctx)
	}
	return nil
}

// The states of what can be cancelled.
const (
	pending uint32 = iota
	started
	cancelled
)

// A contextWaiter is a goroutine in DoContext that waits for its turn. Its channel
// is not pooled, since it belongs to the synctest bubble that it was made in.
type contextWaiter struct {
	state atomic.Uint32
	turn  chan struct{}
}

func (w *contextWaiter) grant() bool {
	at(grantSwap)
	if !w.state.CompareAndSwap(pending, started) {
		return false
	}
	close(w.turn)
	return true
}

// FutureContext is [Desync.Future] with a job that can be cancelled while it is
// queued: if ctx ends before the job's turn, or has ended before the call, the job
// does not run, then or later, and the future fails at once with an error that
// matches [ErrNotRun], ctx.Err() and context.Cause(ctx). Once the job has started,
// the future gets what the job returns.
//
// The job gets a context derived from ctx; see [Desync.DoContext]. It does not know
// of the objects that the caller holds, for the caller need not wait.
//
// FutureContext panics if ctx or job is nil.
func (d *Desync[T]) FutureContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || job == nil {
		panic("desync: FutureContext: the context and the job must not be nil")
	}
	f := &contextJob[T, R]{ctx: ctx, job: job}
	guard(ctx, d, &f.Promise)
	if d.core.cfg.observed() {
		r := d.core.cfg.record()
		f.job = func(ctx context.Context, data *T) (R, error) {
			defer r.unwound()
			r.start()
			v, err := job(ctx, data)
			r.end(Returned)
			return v, err
		}
		f.Promise.Future().AfterFunc(func(R, error) { r.tell() })
	}
	if ctx.Err() != nil {
		f.cancel()
		return f.Promise.Future()
	}
	if ctx.Done() != nil {
		f.forget = context.AfterFunc(ctx, f.cancel)
	}
	d.submit(f)
	return f.Promise.Future()
}

// contextJob is the entry of a FutureContext. Whoever swaps its state, the run or
// the cancel, owns ctx and job.
type contextJob[T, R any] struct {
	futures.Promise[R]
	state  atomic.Uint32
	ctx    context.Context
	job    func(context.Context, *T) (R, error)
	forget func() bool // ends the wait for ctx; nil if it never ends
}

func (f *contextJob[T, R]) cancel() {
	if f.state.CompareAndSwap(pending, cancelled) {
		ctx := f.ctx
		f.ctx, f.job = nil, nil
		f.Reject(notRun(ctx))
	}
}

func (f *contextJob[T, R]) run(d *Desync[T]) bool {
	forget := f.forget
	f.forget = nil
	if !f.state.CompareAndSwap(pending, started) {
		return true
	}
	if forget != nil {
		forget()
	}
	// The future may live long; what the call referred to need not.
	job, ctx := f.job, f.ctx
	f.job, f.ctx = nil, nil
	if ctx.Err() != nil {
		// The context ended before the turn came, and cancel is late.
		f.Reject(notRun(ctx))
		return true
	}
	h := &holding{Context: ctx, object: d, first: true}
	settle(&f.Promise, func() (R, error) {
		defer h.over.increment() // before the future settles
		return job(h, &d.data)
	})
	return true
}
