// Package subject holds the subjects that are compared: Desync, and the ways in which
// plain Go and other libraries run one job at a time on a value. Each file is one
// subject.
//
// A subject makes objects. There is an interface for each kind of call, and an object
// implements the interfaces of the calls that it supports. Their methods take a number
// of jobs, not a job, so that the loop is part of the subject. So the closures are
// passed to the subject's own functions, as in a program, and escape to the heap only
// if these functions let them.
package subject

import "context"

// A Subject is a way to order jobs.
type Subject interface {
	Name() string
	New() Object

	// Lacks returns the abilities that the subject's objects do not have, each with
	// the reason. The objects have every ability that is not in the map.
	Lacks() Reasons
}

// A Library is a Subject from a third-party module.
type Library interface {
	Subject
	Module() string // its path
}

// Reasons maps each missing ability to the reason why it is missing.
type Reasons map[Ability]string

// An Ability is something that an object may be able to do.
type Ability string

// The abilities. The first six belong to the interfaces below.
const (
	Do        Ability = "wait for a turn"
	Sync      Ability = "wait for a result"
	Async     Ability = "hand over a job"
	RoundTrip Ability = "hand over a job and ask for a result behind it"
	Await     Ability = "return a future"
	Cancel    Ability = "give up waiting"

	// Order: the jobs of one goroutine run in the order in which it hands them over.
	Order Ability = "keep the order"

	// Background: jobs run while the goroutine that handed them over goes on.
	Background Ability = "run jobs in the background"

	// Again: a job may hand over jobs to its own object.
	Again Ability = "take jobs from its own jobs"

	// Unbounded: any number of jobs may wait, and each takes only a place in a queue.
	Unbounded Ability = "queue without bound"
)

// An Object orders the jobs on one State.
type Object interface {
	// Wait blocks until all jobs that were handed over before have run, and
	// returns how many have run since the object was made. It is not a job.
	Wait() (ran int)

	// Give hands over one job, by Async or the most similar call. It is for work that
	// is not timed and for long jobs.
	Give(job func(*State))

	// Close ends the goroutines of the object, if it has any.
	Close()
}

// State is the data that jobs work on. Each job adds one to Ran, not atomically, so
// that a job is missing from the sum if two overlap.
//
// It has the size of a small struct. The fields that jobs write are not in the cache
// line of the lock that guards them; a row of its own shows what that would cost.
type State struct {
	_    [64]byte
	Ran  int
	Last int // what the job was given to write
}

// A Doer can wait for a job's turn and end.
type Doer interface {
	// Do hands over n jobs, each when the one before has ended, and returns how many
	// have run.
	Do(n int) (ran int)

	// Hold makes the object busy and returns; it stays busy until release is
	// called. This does not count as a job.
	Hold() (release func())
}

// A Syncer can wait for a job's result.
type Syncer interface {
	// Sync hands over n jobs, each when the one before has ended, and returns
	// how many had the right result.
	Sync(n int) (right int)
}

// An Asyncer can hand over jobs without waiting for them.
type Asyncer interface {
	// Async hands over n jobs, each a closure of its own.
	Async(n int)

	// Repeat hands over the same job n times.
	Repeat(n int)
}

// A RoundTripper can hand over a job and ask for a result behind it.
type RoundTripper interface {
	// RoundTrip does the following n times, and returns how many results were
	// right: it hands over a job without waiting for it, then one with a result.
	RoundTrip(n int) (right int)
}

// An Awaiter can hand over a job and get its result later.
type Awaiter interface {
	// Await hands over n jobs, each when it has the result of the one before,
	// and returns how many results were right.
	Await(n int) (right int)
}

// A Canceler's calls can give up waiting.
type Canceler interface {
	// DoUntil waits for its turn and runs a job. If ctx ends before that, it
	// gives up and the job never runs. It reports whether the job has run.
	DoUntil(ctx context.Context) (ran bool)
}
