package desync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
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
// error is a [*NotRunError]. It is matched by that of a [Key.FutureIfPresent] too.
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

	ended ended
}

// Error calls the Error of context.Cause(ctx).
func (e *NotRunError) Error() string {
	return "desync: " + e.Call + " of " + e.Object + ": " + hasNotRun + ": " + e.ended.cause.Error()
}

// Unwrap returns ErrNotRun and the error and the cause of the context.
func (e *NotRunError) Unwrap() []error { return []error{ErrNotRun, e.ended.err, e.ended.cause} }

// keyText returns a key for messages. It may call a method of the user's.
func keyText(key any) string {
	verb := "%v"
	switch key.(type) {
	case string:
		verb = "%q"
	case fmt.Stringer, error:
	default:
		if reflect.ValueOf(key).Kind() == reflect.Pointer {
			verb = "%p" // what it refers to is not ours to read
		}
	}
	return fmt.Sprintf(verb, key)
}

// A WaitError is the error of a [Map.Wait] whose context ended first. It matches
// ctx.Err() and context.Cause(ctx). Match it with errors.As or errors.AsType.
type WaitError[K comparable] struct {
	Map  string // its name, or else its type and address
	Keys []K    // those with jobs that were accepted before the call and have not ended
	Jobs int    // of these keys, later ones included; it may have changed since

	ended ended
}

// Error names the first few keys, and calls the Error of context.Cause(ctx).
func (e *WaitError[K]) Error() string {
	const few = 3
	var names []string
	for _, key := range e.Keys[:min(few, len(e.Keys))] {
		names = append(names, keyText(key))
	}
	if len(e.Keys) > few {
		names = append(names, "...")
	}
	return fmt.Sprintf("desync: Map.Wait of %s: %d jobs of %d keys are left (%s): %v",
		e.Map, e.Jobs, len(e.Keys), strings.Join(names, ", "), e.ended.cause)
}

// Unwrap returns the error and the cause of the context.
func (e *WaitError[K]) Unwrap() []error { return []error{e.ended.err, e.ended.cause} }

// An ended is why a context has ended. Package futures and the adapters have their twins
// in errors.go and in internal/ended.
type ended struct{ err, cause error }

func endOf(ctx context.Context) ended { return ended{ctx.Err(), context.Cause(ctx)} }
