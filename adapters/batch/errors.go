package batch

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/desync"
)

// ErrClosed is the error of an item that is added after [Batch.Close]. Match it with
// errors.Is. It matches [desync.ErrNotRun] too: the item has not run and never will.
var ErrClosed = fmt.Errorf("batch: closed: %w", desync.ErrNotRun)

// Errors is an error of a job with one error for each item, in their order. Item i fails with
// Errors[i]; if that is nil, it succeeds with its result. The job must return the Errors
// themselves, not an error that wraps them.
type Errors []error

// Error returns the messages of those that are not nil, a line for each.
func (e Errors) Error() string {
	if err := errors.Join(e...); err != nil {
		return err.Error()
	}
	return "batch: no item has failed"
}

// Unwrap returns the errors.
func (e Errors) Unwrap() []error { return e }

func notRun(ctx context.Context) error {
	return ended.Error(ctx, "batch: the context ended before the batch with the item began", desync.ErrNotRun)
}

// A queueError says that a batch could not be queued, since an observer of the object has
// failed. It calls the user's methods only in its own, on the goroutine of a caller.
type queueError struct{ err error }

func (e *queueError) Error() string   { return fmt.Sprintf("batch: the batch was not queued: %v", e.err) }
func (e *queueError) Unwrap() []error { return []error{desync.ErrNotRun, e.err} }

// An outcome is what a job has returned for n items.
type outcome[R any] struct {
	results []R
	errs    Errors // nil if the items have no errors of their own
	err     error  // of all items
}

func outcomeOf[R any](n int, results []R, err error) outcome[R] {
	o := outcome[R]{results: results, err: err}
	if errs, ok := err.(Errors); ok {
		o.errs, o.err = errs, nil
		if len(errs) != n {
			o.err = fmt.Errorf("batch: the job must return an error for each item; it returned %d for %d items", len(errs), n)
		}
	}
	if o.err == nil && len(results) != n && len(results) != 0 {
		o.err = fmt.Errorf("batch: the job must return a result for each item, or none; it returned %d for %d items", len(results), n)
	}
	return o
}

func (o *outcome[R]) of(i int) (result R, err error) {
	switch {
	case o.err != nil:
		return result, o.err
	case o.errs != nil && o.errs[i] != nil:
		return result, o.errs[i]
	case len(o.results) > 0:
		return o.results[i], nil
	}
	return result, nil
}
