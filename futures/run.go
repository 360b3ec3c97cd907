package futures

import (
	"context"
)

// Go runs fn(ctx) in a new goroutine and returns a future of its result. The future
// settles when fn and its deferred functions have ended.
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
