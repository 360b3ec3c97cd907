package futures

import (
	"context"
	"runtime"
	"runtime/debug"
)

// settleBy runs fn and settles p, however fn ends. Package desync has its twin in
// attempt.go, the adapters have theirs in internal/attempt.
func settleBy[T any](p *Promise[T], ctx context.Context, fn func(context.Context) (T, error)) {
	var (
		value              T
		err                error
		returned, panicked bool
	)
	// There are two functions to tell a panic from Goexit even if recover returns
	// nil for both, as for panic(nil) under GODEBUG=panicnil=1: the inner function
	// returns to this one only after a panic.
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
