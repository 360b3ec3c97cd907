// Package waits is for authors of packages whose calls wait for jobs, or that make
// futures of their own, such as package desync and its adapters. Nobody else needs it.
//
// A ring is a cycle of waits, a deadlock: a job waits for an object held by another job,
// which waits, directly or through others, for an object that the first job holds. In
// builds with the race detector or the tag desyncdebug, each goroutine that is about to
// wait tells this package what it waits for, and learns whether that would close a ring.
// In other builds all functions do nothing, and a call inside "if waits.Watching" costs
// nothing.
//
// A call that waits for jobs that it has queued follows them:
//
//	waits.Follow(func(job *waits.Job) {
//		jobs = append(jobs, job)
//		d.Async(func(data *T) {
//			defer job.End()
//			...
//		})
//	})
//	...
//	w := waits.Prepare(ctx.Done() != nil, nil, jobs...)
//	if ring := w.Begin(); ring != nil {
//		return &desync.DeadlockError{Ring: ring()}
//	}
//	defer waits.End()
//	// wait here
//
// Code that makes a future uses [OnAwait] to say what Await waits for. The functions
// [Hold], [Leave] and [Queue] are for implementations of objects.
//
// While its lock is held, this package calls only the function that [Prepare] is given.
package waits

import "context"

// A Wait is one wait of a ring.
type Wait struct {
	Object string // the object waited for: its name, or its type and address
	Call   string // the place of the call that waits, as file:line; empty if unknown
}

// An Object is what goroutines hold and wait for.
type Object struct {
	Key      any           // tells the object from others; it must be comparable
	Describe func() string // for messages
}

// OnAwait sets a function that is called before an Await waits for f, a *futures.Future
// of any type. begin is called with the context of the Await, on its goroutine. If it
// returns an error, Await returns that error; otherwise ended is called after the wait.
// begin may itself wait, also for f.
//
// OnAwait must be called before f is shared. Other ways to wait, such as Done, do not
// call begin. OnAwait does nothing in builds that do not watch.
func OnAwait(f future, begin func(ctx context.Context) (ended func(), err error)) {
	f.hook().set(begin)
}

// A future has a Hook, as each *futures.Future has.
type future interface{ hook() *Hook }

func (h *Hook) hook() *Hook { return h }
