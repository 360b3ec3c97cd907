// Package waits is for authors of packages whose calls wait for jobs or for futures of
// their own, as package desync and its adapters do: nobody else needs it.
//
// A ring of waits is one that no wait leaves: a job waits for an object that is held
// by a job that waits, directly or over further ones, for what the first job holds.
// In builds with the race detector or the tag desyncdebug, each goroutine that is
// about to wait tells this package what for, and learns of the ring that it would
// close. In other builds nothing is noted, all functions do nothing, and a call inside
// an "if waits.Watching" costs nothing at all.
//
// Whoever waits for jobs that it has queued follows them:
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
// Whoever settles a future sets what its Await is told, with [OnAwait]. The functions
// [Hold], [Leave] and [Queue] are for implementations of objects.
//
// This package calls nobody while its lock is held, but the function that [Prepare]
// is given.
package waits

import "context"

// A Wait is one wait of a ring.
type Wait struct {
	Object string // what is waited for: its name, or its type and address
	Call   string // the place of the call that waits, as file:line; empty if unknown
}

// An Object is what goroutines hold and wait for.
type Object struct {
	Key      any           // tells the object from others; it must be comparable
	Describe func() string // for messages
}

// OnAwait sets what happens before an Await waits for f, a *futures.Future of any
// type: begin is called with the context of the Await, on its goroutine. If it returns
// an error that is what Await returns; otherwise ended is called when the wait is over.
// begin may itself wait, for f among others.
//
// OnAwait must be called before f is shared. Other ways to wait, by Done for one, pass
// begin by. It does nothing in builds that do not watch.
func OnAwait(f future, begin func(ctx context.Context) (ended func(), err error)) {
	f.hook().set(begin)
}

// A future has a Hook, as each *futures.Future has.
type future interface{ hook() *Hook }

func (h *Hook) hook() *Hook { return h }
