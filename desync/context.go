package desync

import (
	"context"

	"github.com/go-desync/go-desync/futures/waits"
)

// DoContext is [Desync.Do] for a caller that may give up. It waits for the job's turn,
// runs it on the calling goroutine and returns its error. If ctx ends before the job's
// turn, or has ended before the call, the job never runs, and DoContext returns at once
// with a [*NotRunError], which matches [ErrNotRun], ctx.Err() and context.Cause(ctx).
// Once the job has started, DoContext returns what the job returns, even if ctx ends.
// Unlike Do, DoContext runs no other jobs while it waits.
//
// The job gets a context derived from ctx, which records that the job holds the object.
// A Context call with that context, or with one derived from it, returns a
// [*DeadlockError] if it would have to wait for an object that the context records as
// held. So do not use it in a goroutine that the job does not wait for.
//
// A panic in the job goes to the caller, and runtime.Goexit ends the calling goroutine.
// Either way the object goes on.
//
// DoContext panics if ctx or job is nil.
func (d *Desync[T]) DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: DoContext: the context and the job must not be nil")
	}
	return d.doContext(ctx, "DoContext", job)
}

// doContext is DoContext; call is the name of the call in errors.
func (d *Desync[T]) doContext(ctx context.Context, call string, job func(context.Context, *T) error) error {
	if d.core.cfg.observed() {
		return d.runFollowed(ctx, call, job)
	}
	// A comparison of types, for any other context. It costs Background little more than Err.
	background := false
	if ctx == context.Background() {
		background = true
	} else if ctx.Err() != nil {
		return notRun(ctx, d, call)
	}
	if !d.core.take() {
		if _, err := d.acquireContextSlow(ctx, call); err != nil {
			return err
		}
	} else if watching {
		waits.Hold(object(d))
	}
	var holds *holding[T]
	if background {
		j := &backgroundContext[T]{}
		ctx, holds = j, &j.object
	} else {
		j := &jobContext[T]{Context: ctx}
		ctx, holds = j, &j.object
	}
	holds.begin(d)
	defer func() {
		holds.end()
		if !d.core.leave() {
			d.releaseSlow()
		}
	}()
	return job(ctx, &d.data)
}

// SyncContext is [Desync.DoContext] with a result. If the job does not run, the
// result is the zero R.
func (d *Desync[T]) SyncContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) (result R, err error) {
	if ctx == nil || job == nil {
		panic("desync: SyncContext: the context and the job must not be nil")
	}
	err = d.doContext(ctx, "SyncContext", func(ctx context.Context, data *T) (err error) {
		result, err = job(ctx, data)
		return err
	})
	return result, err
}

// acquireContext takes the turn, or returns why the job must not run. waited is false if the
// object was idle. It calls no method of ctx while it has a place or the turn: a method may be
// the user's, and may panic.
func (d *Desync[T]) acquireContext(ctx context.Context, call string) (waited bool, err error) {
	if ctx.Err() != nil {
		return true, notRun(ctx, d, call)
	}
	if d.core.take() {
		if watching {
			waits.Hold(object(d))
		}
		return false, nil
	}
	return d.acquireContextSlow(ctx, call)
}

func (d *Desync[T]) acquireContextSlow(ctx context.Context, call string) (waited bool, err error) {
	if d.core.takeFree() {
		if watching {
			waits.Hold(object(d))
		}
		return false, nil
	}
	if err := ringAlong(ctx, d, "Context"); err != nil {
		return true, err
	}
	var wait *waits.Waiting
	if watching {
		wait = waits.Prepare(ctx.Done() != nil, nil, waits.NewJob(object(d)))
	}
	done := ctx.Done()
	w := newContextWaiter(done)
	taken, ring := d.core.place(w, wait)
	if ring != nil {
		if ctx.Err() != nil {
			return true, notRun(ctx, d, call)
		}
		return true, deadlock(ring)
	}
	switch {
	case taken:
	case done == nil:
		w.wait(&d.core)
		w.free()
	case !w.waitContext(done, &d.core):
		if watching {
			waits.End()
		}
		return true, notRun(ctx, d, call)
	}
	if watching {
		waits.Hold(object(d))
	}
	// The context may have ended before the turn came, and the select took the turn.
	if isClosed(done) {
		d.release()
		return true, notRun(ctx, d, call)
	}
	return true, nil
}

// isClosed reports whether done, the channel of a context, is closed.
func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// runFollowed is doContext with a record.
func (d *Desync[T]) runFollowed(ctx context.Context, call string, job func(context.Context, *T) error) (err error) {
	r := d.record(made{call: CallDo, ctx: ctx})
	defer func() { r.tellErr(err) }()
	waited, err := d.acquireContext(ctx, call)
	if err != nil {
		return err
	}
	defer d.release()
	defer r.unwound()
	r.start(arrived(waited))
	j := &jobContext[T]{Context: r.ctx}
	j.object.begin(d)
	defer j.object.end()
	err = job(j, &d.data)
	r.end(OutcomeReturned)
	return err
}

// notRun returns the error of a call of m whose context, ctx, has ended.
func notRun(ctx context.Context, m member, call string) error {
	object, key := m.identity()
	return &NotRunError{Object: object, Call: call, Key: key, ended: endOf(ctx)}
}
