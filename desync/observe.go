package desync

import (
	"time"
)

// An Observer is told of the jobs of objects made with [WithObserver]. Its methods are
// called by many goroutines at once, and never while a lock of this package is held. But
// Started is called in the job's turn, and Queued before the caller goes on: they must
// be quick, and must not wait for the object.
//
// An observer should not panic. If it does, only the call concerned is affected, and the
// object goes on. A panic or runtime.Goexit in Queued goes to the caller; the job was
// not handed over and never runs. For a job on the caller's goroutine, a panic in
// Started goes to the caller too, and the job does not run; a panic in Finished goes to
// the caller after the job has run. For a background job, the panic is handled like that
// of a job of [Desync.Async]; the job still runs, and its future gets what the job
// returns.
//
// Embed [NopObserver] in an implementation. It has the methods that you do not write,
// and those that later versions add.
type Observer interface {
	// Queued is called before the job is handed over. For a Try it is called in the
	// job's turn.
	Queued(JobInfo)
	// Started is called in the job's turn, before the job.
	Started(JobInfo)
	// Finished is called when the job has ended, or will never run. The object has
	// already gone on, after a job on the caller's goroutine, and a future has settled.
	Finished(JobInfo)

	embedNopObserver()
}

// NopObserver is an [Observer] that does nothing, to be embedded.
type NopObserver struct{}

// Queued does nothing.
func (NopObserver) Queued(JobInfo) {}

// Started does nothing.
func (NopObserver) Started(JobInfo) {}

// Finished does nothing.
func (NopObserver) Finished(JobInfo) {}

func (NopObserver) embedNopObserver() {}

// JobInfo describes a job to an [Observer]. Fields that are not known yet are zero.
type JobInfo struct {
	Object   string    // the name of the object, or of the map; see [WithName]
	Key      any       // of the object, if it is one of a [Map]; else nil
	Queued   time.Time // when the call was made
	Started  time.Time // when the job's turn came; zero if it has not run
	Finished time.Time // when the job ended, or it was certain that it would not run
	Outcome  Outcome
}

// An Outcome says how a job has ended.
type Outcome int

const (
	OutcomeUnfinished Outcome = iota // it has not ended yet
	OutcomeReturned                  // it returned
	OutcomeUnwound                   // it, or Started before it, panicked or called runtime.Goexit
	OutcomeNotRun                    // its context ended before its turn, or its call would have been a deadlock
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
