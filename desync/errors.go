package desync

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// A DeadlockError says that a job would wait for an object that cannot become free
// before the job has ended: its own, or one held by a job that waits, directly or
// through other jobs, for the object that this job holds. Such a cycle of waits is
// called a ring.
//
// The Context variants return it for every ring along the context that a job was
// given. In builds with the race detector or with the tag desyncdebug, all calls
// that wait find a ring that they would close: those that return an error return it,
// the others panic with it. It is no ring if another of the waits can end by its
// context, by a deadline or because it is canceled.
//
// Match it with errors.As or errors.AsType. As the job of the call has not run, it
// matches [ErrNotRun] too.
type DeadlockError struct {
	// Ring lists the waits. Each is for an object that is held by the job that
	// makes the next wait; the last is for one held by the job that makes the
	// first.
	Ring []waits.Wait
}

// deadlock returns the error for a ring. It calls the user's functions, so no lock may be
// held.
func deadlock(ring func() []waits.Wait) *DeadlockError { return &DeadlockError{Ring: ring()} }

func (e *DeadlockError) Error() string {
	var b strings.Builder
	b.WriteString("desync: deadlock: ")
	if len(e.Ring) == 1 {
		b.WriteString("a job waits for its own object")
	} else {
		b.WriteString("a ring of jobs wait for each other's objects")
	}
	for _, w := range e.Ring {
		fmt.Fprintf(&b, "\n\tfor %s, at %s", w.Object, cmp.Or(w.Call, "a call further up the stack or on another goroutine"))
	}
	b.WriteString("\n\tinstead of waiting inside a job, queue the inner job with Async, or take all the objects at once with Sync2 or DoAll")
	return b.String()
}

// Is reports whether target is ErrNotRun.
func (e *DeadlockError) Is(target error) bool { return target == ErrNotRun }

// PanicError reports a panic of a background job, with the value and the stack of the
// panic. It is the same type as futures.PanicError.
type PanicError = futures.PanicError

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
