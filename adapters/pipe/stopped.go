package pipe

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

// A StoppedError says that a pipe has stopped because its context ended. It matches
// ctx.Err() and context.Cause(ctx), and [desync.ErrNotRun] if there are items that
// were taken and not run. Match it with errors.As or errors.AsType.
type StoppedError struct {
	// Run is the number of items whose job has run.
	Run int

	// NotRun is the number of items that were taken from the source and whose job
	// never runs. If the source is another stage, items that it has taken count
	// too, unless they came out as errors.
	NotRun int

	// Left has the items that this pipe itself has taken and whose job never runs, in the
	// order of the source. It lacks those that are still in a stage before it.
	Left []any

	err, cause error // of the context
}

func stopped(ctx context.Context, run, notRun int, left []any) *StoppedError {
	return &StoppedError{Run: run, NotRun: notRun, Left: left, err: ctx.Err(), cause: context.Cause(ctx)}
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("pipe: stopped: %v; items run: %d, taken and not run: %d", e.cause, e.Run, e.NotRun)
}

// Unwrap returns the errors that e matches.
func (e *StoppedError) Unwrap() []error {
	if e.NotRun > 0 {
		return []error{desync.ErrNotRun, e.err, e.cause}
	}
	return []error{e.err, e.cause}
}
