package futures

import "context"

// A Promise is the writing end of a future: its holder sets the result, once.
// The first call of Resolve, Reject, Settle or Close wins, and only that call
// returns true; all later ones change nothing. All methods may be called from
// any goroutine, and none of them blocks.
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
// reports whether this call settled it. Defer it in the function that must settle
// p, so that nobody waits in vain however that function ends.
func (p *Promise[T]) Close() bool {
	return p.Reject(ErrAbandoned)
}

// OnInterrupt arranges that every wait for the future calls look before it gives up
// because its context has ended. A wait is an Await, a Then, or a function for several
// futures. If look settles the future, the wait returns that result. OnInterrupt is for
// code that settles the future when a context ends: a wait with the same context may wake
// up before that code runs.
//
// look runs on the goroutine of the wait and must not block. OnInterrupt panics if look
// is nil.
func (p *Promise[T]) OnInterrupt(look func()) {
	if look == nil {
		panic("futures: OnInterrupt: nil function")
	}
	p.future.signal.register(&waiter{looks: true, on: func(index int) {
		if index == looking {
			look()
		}
	}})
}

// RejectOn ties the work to ctx: if ctx ends while the future is pending, the future is
// rejected with an error that matches ctx.Err() and context.Cause(ctx). It does not match
// [ErrInterrupted], because the work itself has ended and not only a wait. A wait with
// the same context gets this error too.
//
// RejectOn does not block. If ctx has ended already, the future is settled when RejectOn
// returns; otherwise a goroutine of ctx settles it (see [context.AfterFunc]). The tie is
// undone when the future settles, or by stop. stop reports whether it kept ctx from
// rejecting the future: it returns false if the future has settled, or if stop was called
// before. So if several goroutines call stop before they begin the work, exactly one gets
// true, and none if ctx ended first.
//
//	if !stop() {
//		return // the future has settled, or another goroutine does the work
//	}
//	p.Settle(work())
//
// There is no need to call stop only to release resources. RejectOn panics if ctx is nil.
func (p *Promise[T]) RejectOn(ctx context.Context) (stop func() bool) {
	mustContext("RejectOn", ctx)
	if ctx.Err() != nil {
		p.Reject(ended(ctx))
		return func() bool { return false }
	}
	t := &tie[T]{promise: p, ctx: ctx, done: ctx.Done()}
	t.waiter.looks, t.waiter.on = true, t.told
	t.forget = context.AfterFunc(ctx, t.reject)
	p.future.signal.register(&t.waiter)
	return t.stop
}

// A tie is made by RejectOn and holds as long as its waiter waits. Taking the waiter back
// and settling the future are one step each, under the signal's lock. So one of the two
// comes first, and the other sees that.
type tie[T any] struct {
	waiter  waiter
	promise *Promise[T]
	ctx     context.Context
	done    <-chan struct{} // of ctx
	forget  func() bool     // ends the wait for ctx; set before the waiter waits
}

func (t *tie[T]) stop() bool {
	t.look()
	if !t.promise.future.signal.unregister(&t.waiter) {
		return false
	}
	t.forget()
	return true
}

// look settles the future if ctx has ended and the goroutine that ctx starts has not yet
// settled it.
func (t *tie[T]) look() {
	select {
	case <-t.done:
		t.reject()
	default:
	}
}

func (t *tie[T]) told(index int) {
	if index == looking {
		t.look()
	} else {
		t.forget()
	}
}

func (t *tie[T]) reject() {
	err := ErrAbandoned // if a method of ctx does not return
	defer func() {
		f := &t.promise.future
		if f.signal.claimWith(&t.waiter) {
			f.err = err
			f.signal.announce()
		}
	}()
	err = ended(t.ctx)
}
