package futures

import "context"

// A Promise is the writing end of a future: whoever holds it decides the
// result, once. The first call of Resolve, Reject, Settle or Close wins, and
// only that call returns true; all later ones change nothing. All methods may
// be called from any goroutine, and none of them blocks.
//
// The zero Promise is ready to use. It contains its future, so the two are one
// allocation, and a larger struct may embed it (the future then keeps that
// struct alive). A Promise must not be copied.
type Promise[T any] struct {
	future Future[T]
}

// Future returns the future that p settles, the same one on every call.
func (p *Promise[T]) Future() *Future[T] {
	return &p.future
}

// Resolve settles the future with the value v and reports whether this call
// settled it. A v that is an error, or a nil interface, is a value like any
// other.
func (p *Promise[T]) Resolve(v T) bool {
	f := &p.future
	if !f.signal.claim() {
		return false
	}
	f.value = v
	f.signal.announce()
	return true
}

// Reject settles the future with the error err and reports whether this call
// settled it. If err is nil, the future fails with [ErrNilReject].
func (p *Promise[T]) Reject(err error) bool {
	if err == nil {
		err = ErrNilReject
	}
	f := &p.future
	if !f.signal.claim() {
		return false
	}
	f.err = err
	f.signal.announce()
	return true
}

// Settle settles the future with what a function returned, and reports whether
// this call settled it: it is Resolve(v) if err is nil, and Reject(err), which
// drops v, otherwise.
func (p *Promise[T]) Settle(v T, err error) bool {
	if err != nil {
		return p.Reject(err)
	}
	return p.Resolve(v)
}

// Close rejects the future with [ErrAbandoned] if it is still pending, and
// reports whether this call settled it. It is made to be deferred by the one
// who must settle p, so that no way out of that function strands those who wait.
func (p *Promise[T]) Close() bool {
	return p.Reject(ErrAbandoned)
}

// RejectOn ties the work to ctx: if ctx ends while the future is pending, the
// future is rejected with an error that matches ctx.Err() and
// context.Cause(ctx). It does not match [ErrInterrupted], because here it is
// not somebody's wait that has ended but the work itself.
//
// RejectOn does not block. If ctx has ended already, the future is settled when
// RejectOn returns; otherwise a goroutine of ctx settles it (see
// [context.AfterFunc]). The tie is undone when the future settles, or by stop,
// which reports whether it kept ctx from rejecting the future. There is no need
// to call stop to release resources. RejectOn panics if ctx is nil.
func (p *Promise[T]) RejectOn(ctx context.Context) (stop func() bool) {
	mustContext("RejectOn", ctx)
	if ctx.Err() != nil {
		p.Reject(ended(ctx))
		return func() bool { return false }
	}

	stopContext := context.AfterFunc(ctx, func() { p.Reject(ended(ctx)) })
	w := &waiter{on: func(int) { stopContext() }}
	p.future.signal.watch(w)
	return func() bool {
		p.future.signal.unwatch(w)
		return stopContext()
	}
}
