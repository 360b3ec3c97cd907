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

// A DeadlockError reports a cycle of waits: a job would wait for its own object, or for
// one held by a job that waits, directly or through others, for the first job's object.
// Such a cycle is called a ring.
//
// The Context variants return it, in every build, for a ring along the context that a job
// was given. In builds with the race detector or the tag desyncdebug, all calls that wait
// find a ring that they would close: calls that return an error return it, the others
// panic with it. A ring is not reported if another of its waits can end because its
// context is canceled or has a deadline.
//
// Match it with errors.As or errors.AsType. It also matches [ErrNotRun], because the job
// of the call has not run.
type DeadlockError struct {
	// Ring lists the waits. Each waits for an object held by the job of the next wait;
	// the last waits for one held by the job of the first.
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
		b.WriteString("jobs wait for each other's objects")
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

// ErrNotRun matches the error of a Context variant, or of its future, if the job has not
// run and never will. If that is because the context ended, the error is a
// [*NotRunError]; if the value of the key could not be made, it is a [*ValueError]. The error
// of a [Key.FutureIfPresent] or [Key.DoContextIfPresent] whose key had no value matches it too.
var ErrNotRun = errors.New("desync: " + hasNotRun)

// A NotRunError is the error of a Context variant whose context ended before the job's
// turn. It matches [ErrNotRun], ctx.Err() and context.Cause(ctx). Match it with
// errors.As or errors.AsType.
//
// Its text has the object, the call and the cause, but not the key. Keys are users' data:
// the code that writes the error to a log or a page decides whether to show them.
type NotRunError struct {
	Object string // the name of the object or of the map; the type if it has no name
	Call   string // the method or function, such as "DoContext"
	Key    any    // of the object, if it is one of a Map; else nil

	// Keys has the keys of a call for several objects, in the order of the objects, with
	// nil for a plain object. It is nil if none is one of a Map. Object names the first few
	// objects, and Key is nil.
	Keys []any

	ended ended
}

// Error calls the Error of context.Cause(ctx).
func (e *NotRunError) Error() string {
	return "desync: " + e.Call + " of " + e.Object + ": " + hasNotRun + ": " + e.ended.cause.Error()
}

// Unwrap returns ErrNotRun and the error and the cause of the context.
func (e *NotRunError) Unwrap() []error { return []error{ErrNotRun, e.ended.err, e.ended.cause} }

// A ValueError is the error of a call for a key whose value could not be made, because the
// function of [NewMapContext] has returned an error. It matches [ErrNotRun], since the job has
// not run, and the function's error. Calls without an error panic with it. Match it with
// errors.As or errors.AsType.
//
// Its text has no key, like that of a [NotRunError].
type ValueError struct {
	Object string // the name of the map; the type if it has no name
	Key    any
	Err    error // what the function has returned
}

// Error calls the Error of e.Err.
func (e *ValueError) Error() string {
	return "desync: the value of a key of " + e.Object + " could not be made: " + e.Err.Error()
}

// Unwrap returns ErrNotRun and e.Err.
func (e *ValueError) Unwrap() []error { return []error{ErrNotRun, e.Err} }

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

// A WaitError is the error of a [Map.Wait] or [Map.Broadcast] whose context ended first. It
// matches ctx.Err() and context.Cause(ctx). Match it with errors.As or errors.AsType.
type WaitError[K comparable] struct {
	Map  string // its name; its type and address if it has none
	Keys []K    // the keys whose jobs the call has waited for, and that have not ended
	Jobs int    // the jobs of these keys, later ones included; it may have changed since

	call  string // "Wait" or "Broadcast"
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
	return fmt.Sprintf("desync: Map.%s of %s: %d jobs of %d keys are left (%s): %v",
		e.call, e.Map, e.Jobs, len(e.Keys), strings.Join(names, ", "), e.ended.cause)
}

// Unwrap returns the error and the cause of the context.
func (e *WaitError[K]) Unwrap() []error { return []error{e.ended.err, e.ended.cause} }

// An ended says why a context has ended. Its twins are in errors.go of package futures
// and in internal/ended of the adapters.
type ended struct{ err, cause error }

func endOf(ctx context.Context) ended { return ended{ctx.Err(), context.Cause(ctx)} }
