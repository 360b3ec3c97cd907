package futures

import "context"

// Then returns a future of the result of fn, which gets f's value. It behaves like
//
//	Go(ctx, func(ctx context.Context) (R, error) {
//		v, err := f.Await(ctx)
//		if err != nil {
//			var zero R
//			return zero, err
//		}
//		return fn(ctx, v)
//	})
//
// except that no goroutine exists while f is pending: one is started when f settles,
// and it runs fn. So fn never runs on the stack of the call to Then, nor on the stack
// of the call that settles f, and chains of any length need no deep stack. Panics and
// [runtime.Goexit] in fn are treated as by [Go].
//
// If f fails, fn does not run and the error is passed on unchanged. If ctx ends while
// f is pending, fn never runs, f no longer refers to fn, and the returned future
// fails at once with an error that matches [ErrInterrupted], ctx.Err() and
// context.Cause(ctx). If f has settled, fn runs even if ctx has ended; it gets ctx,
// and may end early when ctx ends.
//
// Then does not block. It panics if ctx or fn is nil. A context type that has
// its own Done channel and no AfterFunc method costs a goroutine of the context
// package while f is pending; the standard contexts do not.
func (f *Future[T]) Then[R any](ctx context.Context, fn func(context.Context, T) (R, error)) *Future[R] {
	mustContext("Then", ctx)
	if fn == nil {
		panic("futures: Then: nil function")
	}
	l := &link[T, R]{ctx: ctx, fn: fn, source: f, target: new(Promise[R])}
	l.waiter.on = func(int) { go l.run() }
	if ctx.Err() != nil {
		l.cancel()
	} else if ctx.Done() != nil && !f.signal.settled.Load() {
		l.stop = context.AfterFunc(ctx, l.cancel)
	}
	f.signal.register(&l.waiter)
	return l.target.Future()
}

// A link joins the future that Then was called on to the future that it returned. It
// is part of neither, so that a chain does not keep settled futures alive.
//
// Exactly one of cancel and run settles target: cancel if the waiter was taken back
// before source settled, otherwise run.
type link[T, R any] struct {
	ctx    context.Context
	fn     func(context.Context, T) (R, error)
	source *Future[T]
	target *Promise[R]
	waiter waiter
	stop   func() bool // ends the wait for ctx; nil if there is none
}

func (l *link[T, R]) cancel() {
	l.source.signal.look()
	if l.source.signal.unregister(&l.waiter) {
		defer l.target.Close() // settles it if a method of ctx does not return
		l.target.Reject(interrupted(l.ctx))
	}
}

func (l *link[T, R]) run() {
	if l.stop != nil {
		l.stop()
	}
	v, err := l.source.value, l.source.err
	if err != nil {
		l.target.Reject(err)
		return
	}
	settleBy(l.target, l.ctx, func(ctx context.Context) (R, error) { return l.fn(ctx, v) })
}
