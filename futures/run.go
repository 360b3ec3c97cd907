package futures

import (
	"context"
)

// Go runs fn(ctx) in a new goroutine and returns a future of its result, which
// settles when fn has ended, deferred functions included.
//
// The context belongs to the work: Go only passes it to fn, and fn may end early when
// it ends. If fn panics, panic(nil) included, the future fails with a *[PanicError] and
// the process goes on. If fn calls [runtime.Goexit], the future fails with [ErrGoexit].
//
// Go does not block. It panics if ctx or fn is nil.
func Go[T any](ctx context.Context, fn func(context.Context) (T, error)) *Future[T] {
	mustContext("Go", ctx)
	if fn == nil {
		panic("futures: Go: nil function")
	}
	p := new(Promise[T])
	go settleBy(p, ctx, fn)
	return p.Future()
}

// FromChan returns a future of the next value from c. It receives at most one
// value, and none if ctx ends first.
//
// If a value is ready, it is received before FromChan returns; otherwise a
// goroutine waits for c or for the end of ctx. If c is closed, the future fails
// with [ErrClosed]. If ctx ends first, that wait has been interrupted: the
// future fails with an error that matches [ErrInterrupted], ctx.Err() and
// context.Cause(ctx). A value that is ready beats a context that has ended.
//
// FromChan does not block. It panics if ctx or c is nil.
func FromChan[T any](ctx context.Context, c <-chan T) *Future[T] {
	mustContext("FromChan", ctx)
	if c == nil {
		panic("futures: FromChan: nil channel")
	}
	p := new(Promise[T])
	select {
	case v, ok := <-c:
		p.received(v, ok)
	default:
		go p.receive(ctx, c)
	}
	return p.Future()
}

func (p *Promise[T]) receive(ctx context.Context, c <-chan T) {
	defer p.Close() // settles it if a method of ctx does not return
	select {
	case v, ok := <-c:
		p.received(v, ok)
	case <-ctx.Done():
		select {
		case v, ok := <-c:
			p.received(v, ok)
		default:
			p.Reject(interrupted(ctx))
		}
	}
}

func (p *Promise[T]) received(v T, ok bool) {
	if !ok {
		p.Reject(ErrClosed)
		return
	}
	p.Resolve(v)
}
