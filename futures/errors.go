package futures

import (
	"context"
	"errors"
)

// The errors that this package makes itself. Match them with [errors.Is].
var (
	// ErrAbandoned is the error of a future whose promise was closed before
	// it was settled.
	ErrAbandoned = errors.New("futures: promise abandoned")

	// ErrInterrupted matches the error of a wait that ended because the
	// waiter's context ended. Such an error also matches ctx.Err() and
	// context.Cause(ctx). A context error that does not match ErrInterrupted
	// came from the work.
	ErrInterrupted = errors.New("futures: wait interrupted")

	// ErrGoexit is the error of a future whose function called
	// [runtime.Goexit], as testing.T.FailNow does.
	ErrGoexit = errors.New("futures: function called runtime.Goexit")

	// ErrClosed is the error of a future made by [FromChan] whose channel was
	// closed without a value.
	ErrClosed = errors.New("futures: channel closed without a value")

	// ErrEmpty is what [Any] and [Race] return when given no futures.
	ErrEmpty = errors.New("futures: no futures given")

	// ErrNilReject is the error of a future that was rejected with nil.
	ErrNilReject = errors.New("futures: rejected with a nil error")
)

// A contextError has the error and the cause of an ended context.
type contextError struct {
	what       string
	err, cause error
}

// newContextError is for a ctx that has ended. Its twins are in errors.go of package
// desync and in internal/ended of the adapters.
func newContextError(what string, ctx context.Context) contextError {
	return contextError{what, ctx.Err(), context.Cause(ctx)}
}

// ended is the error of work that ctx has ended.
func ended(ctx context.Context) error {
	e := newContextError("futures: work ended", ctx)
	return &e
}

func (e *contextError) Error() string {
	msg, cause := e.what+": "+e.err.Error(), e.cause.Error()
	if cause != e.err.Error() {
		msg += ": " + cause
	}
	return msg
}

func (e *contextError) Unwrap() []error { return []error{e.err, e.cause} }

// An interruption is a contextError that matches ErrInterrupted.
type interruption struct{ contextError }

// interrupted is the error of a wait that ctx has ended.
func interrupted(ctx context.Context) error {
	return &interruption{newContextError(ErrInterrupted.Error(), ctx)}
}

func (e *interruption) Is(target error) bool { return target == ErrInterrupted }

func mustContext(name string, ctx context.Context) {
	if ctx == nil {
		panic("futures: " + name + ": nil context")
	}
}
