package desync

import (
	"context"
	"sync/atomic"
	"time"
)

// An Observer is told of the jobs of objects made with [WithObserver]. Its methods are
// called by many goroutines at once, and never while a lock of this package is held. But
// Held and Started are called in the job's turn, and Queued before the caller goes on: they
// must be quick, and must not wait for the object.
//
// Most jobs are Queued, Started and Finished. A [Desync.Suspend] is a job that nobody runs:
// it is Queued, Held when its place is reached, and Finished when it is resumed. An
// [Desync.After] whose turn comes before its future has settled is Held in between, and so
// is a job of several objects for each that it gets before the last. Nobody is told of a
// call on a [Key] whose context has ended before the call: it reaches no object.
//
// An observer should not panic. If it does, only the call concerned is affected, and the
// object goes on. A panic or runtime.Goexit in Queued goes to the caller; the job was
// not handed over and never runs. For a job on the caller's goroutine, a panic in
// Started goes to the caller too, and the job does not run; a panic in Finished goes to
// the caller after the job has run. For a background job, the panic is handled like that
// of a job of [Desync.Async]; the job still runs, and its future gets what the job
// returns. That holds for Held too, which goes to the caller only if the call is not
// queued, because the object is idle.
//
// Embed [NopObserver] in an implementation. It has the methods that you do not write,
// and those that later versions add.
type Observer interface {
	// Queued is called before the job is handed over. For a Try, and for a Do or Sync that
	// has no context and finds the object idle, it is called in the job's turn; InTurn says
	// so.
	Queued(JobInfo)
	// Held is called when the object is held for a job that cannot start yet.
	Held(JobInfo)
	// Started is called in the job's turn, before the job.
	Started(JobInfo)
	// Finished is called when the job has ended, or will never run. The object has
	// already gone on, after a job on the caller's goroutine, and a future has settled. So
	// it may come after the return of an Await, and for a FutureContext that was canceled
	// after that of the call itself.
	Finished(JobInfo)

	embedNopObserver()
}

// A ContextObserver is an [Observer] that gives the jobs of calls with a context another
// one, to carry a span for example.
type ContextObserver interface {
	Observer

	// JobContext is called in the job's turn, right after Started. What it returns becomes
	// the job's context. It must be derived from ctx, which is that of the call, perhaps
	// with what other observers have added, and must not be nil. A panic of JobContext is
	// handled like one of Started; a background job then gets ctx.
	JobContext(ctx context.Context, j JobInfo) context.Context
}

// NopObserver is an [Observer] that does nothing, to be embedded.
type NopObserver struct{}

// Queued does nothing.
func (NopObserver) Queued(JobInfo) {}

// Held does nothing.
func (NopObserver) Held(JobInfo) {}

// Started does nothing.
func (NopObserver) Started(JobInfo) {}

// Finished does nothing.
func (NopObserver) Finished(JobInfo) {}

func (NopObserver) embedNopObserver() {}

// observe adds an observer to c.
func (c *config) observe(o Observer) {
	switch before := c.observer.(type) {
	case nil:
		c.observer = o
	case observers:
		c.observer = append(before[:len(before):len(before)], o)
	default:
		c.observer = observers{before, o}
	}
	if o, ok := o.(ContextObserver); ok {
		c.contextual = append(c.contextual, o)
	}
}

// observers are those of one object. If the method of one does not return, the others are
// called all the same.
type observers []Observer

func (all observers) Queued(j JobInfo) {
	told := 0
	defer func() {
		if told == len(all) {
			return
		}
		// The job is not handed over. Those that know of it must not wait for its end.
		j.Started, j.InTurn, j.Finished, j.Outcome = time.Time{}, false, time.Now(), OutcomeNotRun
		all[:told].Finished(j)
	}()
	for _, o := range all {
		o.Queued(j)
		told++
	}
}

func (all observers) Held(j JobInfo) {
	for i := range all {
		defer all[len(all)-1-i].Held(j)
	}
}

func (all observers) Started(j JobInfo) {
	for i := range all {
		defer all[len(all)-1-i].Started(j)
	}
}

func (all observers) Finished(j JobInfo) {
	for i := range all {
		defer all[len(all)-1-i].Finished(j)
	}
}

func (observers) embedNopObserver() {}

// seen is what observers are told of an object. Objects that are not observed have none.
type seen struct {
	id   uint64
	key  any          // of a map's object; else nil
	open atomic.Int64 // jobs that were accepted and have not ended
	last time.Time    // when a drainer's last job ended, or zero; see inARow. Owned by the holder.
}

// The last numbers that were given to objects and jobs of observed objects.
var objectIDs, jobIDs atomic.Uint64

// see makes c the config of one observed object.
func (c *config) see(key any) { c.seen = &seen{id: objectIDs.Add(1), key: key} }

// of returns the config of one observed object of a map that has the config c.
func (c *config) of(key any) *config {
	own := *c
	own.see(key)
	return &own
}
