package conformance

import "context"

// State is the data that the object under test owns. Its fields belong to the
// suite. An implementation makes one State for each object, with new(State) or as a
// plain value, and passes its address to every job. The fields have no
// synchronization of their own: that is what the object is for.
type State struct {
	runs int   // jobs that have run
	log  []int // what they wrote, in the order in which they ran
	sum  int   // a value which each job reads and writes
}

// Object is the implementation under test, or a few lines around it: something
// that owns a State and runs jobs on it, one at a time, in the order in which
// they were handed over. All methods may be called from any goroutine.
//
// If the object has a String method, the report of a case that hangs shows what it
// says, such as the number of jobs that are queued.
type Object interface {
	// Async hands over a job and returns without waiting for it.
	Async(job func(*State))

	// Do waits for its turn, runs the job, and returns when the job is done.
	Do(job func(*State))
}

// Wait waits for the result of a job and returns it: the job's value, or an error if
// the job panicked, ended its goroutine, or never ran. If ctx ends first, Wait returns
// the error of ctx, and the job goes on. It may be called any number of times, from any
// goroutine. The method value of a future's Await or Get is often a Wait.
type Wait func(ctx context.Context) (int, error)

// Futurer is an Object with [FeatureFuture]: a job whose result can be waited for.
type Futurer interface {
	// Future hands over a job like Async and returns the wait for its result.
	Future(job func(*State) int) Wait
}

// Canceler is an Object with [FeatureCancel]: a Do that can be given up.
type Canceler interface {
	// DoContext is Do, except that it gives up waiting when ctx ends, or has
	// ended before the call: then it returns an error and the job never runs. It
	// returns nil if the job ran.
	DoContext(ctx context.Context, job func(*State)) error
}

// FutureCanceler is an Object with [FeatureCancelFuture]: a Future that can be given up.
type FutureCanceler interface {
	// FutureContext is Future, except that the job does not run if ctx ends
	// before its turn; the wait then returns an error at once.
	FutureContext(ctx context.Context, job func(*State) int) Wait
}

// Trier is an Object with [FeatureTry]: a Do that never waits.
type Trier interface {
	// TryDo runs the job and returns true if the object is idle and nothing is
	// queued; otherwise it returns false at once, and the job never runs.
	TryDo(job func(*State)) bool
}

// Afterer is an Object with [FeatureAfter]: a job that takes its place now and runs with
// a value that comes later.
type Afterer interface {
	// After queues a job, which holds the object from its place on until settle
	// is called. The job then runs with the arguments of settle, and its result is
	// what the wait returns. The suite calls settle once, from any goroutine.
	After(job func(s *State, v int, err error) int) (settle func(v int, err error), wait Wait)
}

// Suspender is an Object with [FeatureSuspend].
type Suspender interface {
	// Suspend returns at once and takes a place in the queue, at which the object
	// stands still until resume is called. Resume may be called more than once,
	// from any goroutine, and before the place is reached.
	Suspend() (resume func())
}

// MultiHolder is an Object with [FeatureSeveral]: one job on several objects.
type MultiHolder interface {
	// DoAll is a Do of one job that holds this object and all of the others at
	// once, with a place in every queue taken in one step. The others come from
	// the same Factory, and are different objects. The job gets this object's state
	// first, then those of the others in their order.
	DoAll(others []Object, job func([]*State))
}

// Closer is an Object with [FeatureClose]: one that must be, or can be, shut down.
// The suite closes every object that it is done with if the feature is claimed.
type Closer interface {
	// Close refuses what comes later, and returns when everything that was
	// accepted before has run. A second Close returns too.
	Close()

	// Submit is an Async that reports whether the job was accepted: an accepted job
	// runs, a refused one never does. It refuses nothing before Close is called.
	Submit(job func(*State)) (accepted bool)
}

// PanicPolicy is an Object with [FeaturePanicHandler]: a panic in an Async job goes to a
// handler, and the process goes on.
type PanicPolicy interface {
	// OnPanic sets the handler that gets the value of a panic in an Async job.
	// The suite calls it at most once, before it uses the object.
	OnPanic(handler func(value any))
}
