package futures

import (
	"context"
	"runtime"
	"runtime/debug"
)

// settleBy runs fn and settles p, however fn ends. Its twins are in attempt.go of
// package desync and in internal/attempt of the adapters.
func settleBy[T any](p *Promise[T], ctx context.Context, fn func(context.Context) (T, error)) {
	var (
		value              T
		err                error
		returned, panicked bool
	)
	// There are two functions to tell a panic from Goexit: the inner one returns
	// to this one only after a panic. The result of recover does not tell: with
	// GODEBUG=panicnil=1 it is nil for panic(nil) too.
	defer func() {
		if !returned && !panicked {
			err = ErrGoexit
		}
		p.Settle(value, err)
	}()
	func() {
		defer func() {
			if returned {
				return
			}
			v := recover()
			if v == nil {
				v = new(runtime.PanicNilError)
			}
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}()
		value, err = fn(ctx)
		returned = true
	}()
	panicked = !returned
}
