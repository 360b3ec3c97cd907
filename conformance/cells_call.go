package conformance

import (
	"context"
	"errors"
)

// An answer is what came of a call, as its caller saw it. It may be read once the call
// is over.
type answer struct {
	returned bool
	thrown   any           // what it panicked with; with neither, its goroutine has ended
	ran      bool          // what TryDo and Submit returned
	err      error         // of DoContext
	over     chan struct{} // the call is

	wait   Wait
	told   chan struct{} // the wait is over
	v      int
	result error

	settle func(int, error)
	resume func()
}

func newAnswer() *answer { return &answer{over: make(chan struct{}), told: make(chan struct{})} }

// how says how the call ended.
func (a *answer) how() string {
	switch {
	case a.returned:
		return "it returned"
	case a.thrown != nil:
		return "it panicked with " + show(a.thrown)
	}
	return "its goroutine was ended"
}

// make makes a call of some kind, on o, or on o and also.
func (a *answer) make(kind callKind, ctx context.Context, o, also Object, job func() int) {
	defer close(a.over)
	defer func() { a.thrown = recover() }()
	plain := func(*State) { job() }
	valued := func(*State) int { return job() }
	switch kind {
	case callAsync:
		o.Async(plain)
	case callDo:
		o.Do(plain)
	case callFuture:
		a.wait = o.(Futurer).Future(valued)
	case callDoContext:
		a.err = o.(Canceler).DoContext(ctx, plain)
	case callFutureContext:
		a.wait = o.(FutureCanceler).FutureContext(ctx, valued)
	case callTry:
		a.ran = o.(Trier).TryDo(plain)
	case callAfter:
		a.settle, a.wait = o.(Afterer).After(func(_ *State, v int, err error) int {
			if r := job(); v == settledWith && err == nil {
				return r
			}
			return -1
		})
	case callSuspend:
		a.resume = o.(Suspender).Suspend()
	case callSubmit:
		a.ran = o.(Closer).Submit(plain)
	case callClose:
		o.(Closer).Close()
	case callDoAll:
		o.(MultiHolder).DoAll([]Object{also}, func([]*State) { job() })
	case callDoAllOf:
		also.(MultiHolder).DoAll([]Object{o}, func([]*State) { job() })
	}
	a.returned = true
}

// settledWith is the value that every After gets.
const settledWith = 7

// await waits for the result of a future, once it is there.
func (a *answer) await() {
	defer close(a.told)
	<-a.over
	if a.wait != nil {
		a.v, a.result = a.wait(context.Background())
	}
}

// What jobs panic with, beside a string.
type (
	thrownStruct  struct{ text string }
	thrownPointer struct{ text string }
)

func (v thrownStruct) String() string   { return v.text }
func (v *thrownPointer) String() string { return v.text }

// value returns what a job panics with that ends so.
func (e endKind) value() any {
	switch e {
	case endString:
		return thrown
	case endError:
		return errors.New(thrown)
	case endStruct:
		return thrownStruct{thrown}
	case endPointer:
		return &thrownPointer{thrown}
	}
	return nil
}
