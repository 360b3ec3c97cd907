// Package subject holds the things that are compared: Desync and the ways of
// plain Go to let one job at a time at a value. One file is one subject.
//
// A subject makes objects. What an object can do is seen from the interfaces of
// this package that it implements, each for the kind of call of one workload. All
// of them take a number of jobs and not a job: the loop is then part of the
// subject, so that the closures are passed to its own functions, as in a program,
// and whether they escape to the heap is the subject's own doing.
package subject

import "context"

// A Subject is a way to order jobs.
type Subject interface {
	Name() string
	New() Object

	// Lacks says why its objects cannot do what they cannot do. What is not in it
	// they can.
	Lacks() Reasons
}

// A Library is a Subject that is a module of others.
type Library interface {
	Subject
	Module() string // its path
}

// Reasons say why an ability is missing.
type Reasons map[Ability]string

// An Ability is something that an object may be able to do.
type Ability string

// The abilities. The first six are those of the interfaces below.
const (
	Do        Ability = "wait for a turn"
	Sync      Ability = "wait for a result"
	Async     Ability = "hand over a job"
	RoundTrip Ability = "hand over a job and ask for a result behind it"
	Await     Ability = "return a future"
	Cancel    Ability = "give up waiting"

	// Order: the jobs of one goroutine run in the order in which it hands them over.
	Order Ability = "keep the order"

	// Background: jobs run while the goroutine that has handed them over goes on.
	Background Ability = "run jobs in the background"

	// Again: a job may hand over jobs to its own object.
	Again Ability = "take jobs from its own jobs"

	// Unbounded: any number of jobs may wait, at the cost of a place in a queue each.
	Unbounded Ability = "queue without bound"
)

// An Object orders the jobs on one State.
type Object interface {
	// Wait blocks until all jobs that were handed over before have run, and
	// returns how many have run since the object was made. It is not a job.
	Wait() (ran int)

	// Give hands over one job, in the way that comes next to Async. It is there
	// for what is not timed and for jobs that are long.
	Give(job func(*State))

	// Close ends what goroutines the object has.
	Close()
}

// State is the data that jobs work on. Each job adds one to Ran, not atomically:
// jobs that overlap show as jobs that are missing.
//
// It has the size of a small struct of a program. What jobs write does not stand in
// the cache line of the lock that guards it; a row of its own shows what that costs.
type State struct {
	_    [64]byte
	Ran  int
	Last int // what the job was given to write
}

// A Doer can wait for a job's turn and end.
type Doer interface {
	// Do hands over n jobs, one when the last has ended, and returns how many
	// it has seen run.
	Do(n int) (ran int)

	// Hold keeps the object busy until release is called. It returns when
	// that has begun. What keeps it busy does not count as a job.
	Hold() (release func())
}

// A Syncer can do the same with a result.
type Syncer interface {
	// Sync hands over n jobs, one when the last has ended, and returns how
	// many have brought the right result.
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
	// RoundTrip hands over n times a job that it does not wait for and then one
	// with a result, and returns how many results were right.
	RoundTrip(n int) (right int)
}

// An Awaiter can hand over a job and take its result later.
type Awaiter interface {
	// Await hands over n jobs, takes the result of each before it goes on to
	// the next, and returns how many were right.
	Await(n int) (right int)
}

// A Canceller's calls can give up waiting.
type Canceller interface {
	// DoUntil waits for its turn and runs a job, or until ctx ends; then the job
	// never runs. It reports whether the job has run.
	DoUntil(ctx context.Context) (ran bool)
}
