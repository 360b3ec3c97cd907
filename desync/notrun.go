package desync

import (
	"context"
	"errors"
)

const hasNotRun = "the job has not run and will not"

// ErrNotRun is matched by the error of every call or future of a Context variant
// whose job has not run and never will. If that is because the context ended, the
// error is a [*NotRunError].
var ErrNotRun = errors.New("desync: " + hasNotRun)

// A NotRunError is the error of a Context variant whose context ended before the job's
// turn. It matches [ErrNotRun], ctx.Err() and context.Cause(ctx). Match it with
// errors.As or errors.AsType.
//
// Its text has the object, the call and the cause, but not the key: keys are data of
// users, and whoever writes the error to a log or a page decides whether they belong
// there.
type NotRunError struct {
	Object string // the name of the object, or of the map, or else its type
	Call   string // "DoContext", "SyncContext" or "FutureContext"
	Key    any    // of the object, if it is one of a Map; else nil

	err, cause error
}

// Error calls the Error of context.Cause(ctx).
func (e *NotRunError) Error() string {
	return "desync: " + e.Call + " of " + e.Object + ": " + hasNotRun + ": " + e.cause.Error()
}

// Unwrap returns ErrNotRun and the error and the cause of the context.
func (e *NotRunError) Unwrap() []error { return []error{ErrNotRun, e.err, e.cause} }

// notRun returns the error of a call of m whose context, ctx, has ended.
func notRun(ctx context.Context, m member, call string) error {
	object, key := m.identity()
	return &NotRunError{Object: object, Call: call, Key: key, err: ctx.Err(), cause: context.Cause(ctx)}
}
