package desync

import (
	"context"
	"reflect"
	"time"
)

// JobInfo describes a job to an [Observer]. Fields that are not known yet are zero, and so
// are those that the job does not have.
//
// Do not compare two JobInfos with ==. That panics if Key or Err has a type that is not
// comparable.
type JobInfo struct {
	Object   string // the name of the object, or of the map; see [WithName]
	ObjectID uint64 // of the object; no other in the process ever has it
	Key      any    // of the object, if it is one of a [Map]; else nil

	ID     uint64 // of the job; it grows along the calls of the process
	Set    uint64 // one number for all jobs of a call for several objects; else 0
	Within uint64 // the innermost observed job that the call's context comes from; else 0
	Ahead  int    // how many jobs of the object were accepted and had not ended when the call was made

	// Func is the entry of the code of a background job, for [runtime.FuncForPC]. It is 0 for
	// other jobs, which are on the stack of their caller, and for those of Submit that do not
	// say what they call.
	Func uintptr

	Context context.Context // of a call that has one
	Err     error           // the error of a job that has one, or why the job has not run

	Queued   time.Time // when the call was made
	Started  time.Time // when the job's turn came; zero if it has not run
	Finished time.Time // when the job ended, or it was certain that it would not run
	Call     Call
	Outcome  Outcome

	// InTurn says that Queued was called in the job's turn, which had come with the call.
	// Started is set then, and is Queued.
	InTurn bool
}

// A Call is the kind of call by which a job was handed over.
type Call uint8

const (
	CallAsync   Call = iota + 1 // Async, AsyncIfPresent, Submit
	CallDo                      // Do, Sync, and their Context and IfPresent variants
	CallTry                     // TryDo, TrySync
	CallFuture                  // Future, FutureContext, FutureIfPresent
	CallAfter                   // After
	CallSeveral                 // Sync2, Sync3, DoAll, Future2, FutureAll, and the Context variants
	CallSuspend                 // Suspend
)

func (c Call) String() string {
	names := [...]string{"unknown call", "async", "do", "try", "future", "after", "several", "suspend"}
	if int(c) >= len(names) {
		c = 0
	}
	return names[c]
}

// Waits reports whether the goroutine that made the call waits until the job has ended. Of
// the calls for several objects, [Future2] and [FutureAll] do not.
func (j JobInfo) Waits() bool {
	switch j.Call {
	case CallDo, CallTry:
		return true
	case CallSeveral:
		return j.Func == 0
	}
	return false
}

// An Outcome says how a job has ended.
type Outcome uint8

const (
	OutcomeUnfinished Outcome = iota // it has not ended yet
	OutcomeReturned                  // it returned; a suspension was resumed
	OutcomeUnwound                   // it, or Started before it, panicked or called runtime.Goexit
	OutcomeNotRun                    // its context ended before its turn, its call would have been a deadlock, or it was taken back
)

func (o Outcome) String() string {
	switch o {
	case OutcomeUnfinished:
		return "unfinished"
	case OutcomeReturned:
		return "returned"
	case OutcomeUnwound:
		return "unwound"
	case OutcomeNotRun:
		return "not run"
	}
	return "unknown outcome"
}

// codeOf returns the entry of the code of a function, or 0 if f is none.
func codeOf(f any) uintptr {
	if v := reflect.ValueOf(f); v.Kind() == reflect.Func {
		return v.Pointer()
	}
	return 0
}
