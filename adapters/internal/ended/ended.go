// Package ended makes the errors of calls that a context has ended.
package ended

import "context"

type contextError struct {
	what       string
	cause      error
	unwrapping []error
}

// Error returns an error that says what was ended, and that matches ctx.Err(),
// context.Cause(ctx) and the others.
func Error(ctx context.Context, what string, others ...error) error {
	cause := context.Cause(ctx)
	return &contextError{what, cause, append(others, ctx.Err(), cause)}
}

func (e *contextError) Error() string   { return e.what + ": " + e.cause.Error() }
func (e *contextError) Unwrap() []error { return e.unwrapping }
