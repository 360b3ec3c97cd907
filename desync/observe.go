package desync

import (
	"context"
	"runtime/trace"
	"time"

	"github.com/go-desync/go-desync/futures"
)

// An Observer is told of the jobs of objects made with [WithObserver]. Its methods are
// called by many goroutines at once, and never under a lock of this package. But Started
// is called in the job's turn, and Queued before the caller goes on: they must be quick,
// and must not wait for the object.
//
// An observer should not panic. If it does, only the call concerned is affected, and the
// object goes on. A panic or runtime.Goexit in Queued is the caller's; the job has not
// been handed over and never runs. For a job on the caller's goroutine, a panic in
// Started is the caller's too and the job does not run; one in Finished is the caller's
// after the job has run. For a background job, the panic is handled as that of a job of
// [Desync.Async]; the job still runs, and a future gets what the job returns.
//
// Embed [NopObserver] in an implementation. It has the methods that you do not write,
// also those that later versions add.
type Observer interface {
	// Queued is called before the job is handed over; for a Try in its turn.
	Queued(JobInfo)
	// Started is called in the job's turn, before the job.
	Started(JobInfo)
	// Finished is called when the job has ended, or will never run. A job on the
	// caller's goroutine has passed the object on before that, and a future has
	// settled.
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
	Object   string    // the name of the object; see [WithName]
	Queued   time.Time // when the call was made
	Started  time.Time // when the job's turn came; zero if it has not run
	Finished time.Time // when it ended, or it was certain that it will not run
	Outcome  Outcome
}

// An Outcome says how a job has ended.
type Outcome int

const (
	Unfinished Outcome = iota // it has not ended yet
	Returned                  // it returned
	Unwound                   // it panicked or called runtime.Goexit, or Started did before it
	NotRun                    // its context ended before its turn, or it would have been a deadlock
)

func (o Outcome) String() string {
	switch o {
	case Unfinished:
		return "unfinished"
	case Returned:
		return "returned"
	case Unwound:
		return "unwound"
	case NotRun:
		return "not run"
	}
	return "unknown outcome"
}

// WithObserver makes the object tell o about its jobs. A Try that is refused is not a
// job. The option costs each job a few readings of the clock and one or more
// allocations. Without it nothing is measured.
//
// WithObserver panics if o is nil.
func WithObserver(o Observer) Option {
	if o == nil {
		panic("desync: WithObserver: the observer is nil; leave the option out")
	}
	return func(c *config) { c.observer = o }
}

// observed reports whether the jobs must be followed: if there is an observer, if the
// object publishes, or if it has options and an execution trace is being taken.
func (c *config) observed() bool {
	return c != nil && (c.observer != nil || c.publish != nil || trace.IsEnabled())
}

// A record follows one job for the observer, the execution trace and what the object
// publishes.
type record struct {
	*config
	info   JobInfo // without an observer, its times are zero
	task   *trace.Task
	ctx    context.Context // of task
	region *trace.Region
}

func (c *config) record() *record {
	r := &record{config: c, info: JobInfo{Object: c.name}}
	if r.observer != nil {
		r.info.Queued = time.Now()
		// First: if it does not return there is nothing to end.
		r.observer.Queued(r.info)
	}
	if trace.IsEnabled() {
		r.ctx, r.task = trace.NewTask(context.Background(), "desync "+c.name)
	}
	return r
}

func (r *record) start() {
	if r.task != nil {
		r.region = trace.StartRegion(r.ctx, "desync job "+r.info.Object)
	}
	if r.observer != nil {
		r.info.Started = time.Now()
		r.observer.Started(r.info)
	}
}

// end publishes what the job has left and notes how it has ended, on the goroutine that
// started it and in its turn.
func (r *record) end(o Outcome) {
	noted := Unwound // if publish does not return
	defer func() { r.note(noted) }()
	if r.publish != nil {
		r.publish()
	}
	noted = o
}

func (r *record) note(o Outcome) {
	r.info.Outcome = o
	if r.observer != nil {
		r.info.Finished = time.Now()
	}
	if r.region != nil {
		r.region.End()
	}
}

// unwound is end for a job that has not returned. It does nothing after end.
func (r *record) unwound() {
	if r.info.Outcome == Unfinished {
		r.end(Unwound)
	}
}

// tell is the last step. It is separate from end so that the object can be passed on in
// between; so it publishes nothing.
func (r *record) tell() {
	if r.info.Outcome == Unfinished {
		r.note(Unwound)
	}
	if r.info.Started.IsZero() {
		r.info.Outcome = NotRun
	}
	if r.task != nil {
		r.task.End()
	}
	if r.observer != nil {
		r.observer.Finished(r.info)
	}
}

// A background job was accepted, and others may depend on it, to free room or to let go
// of a key. So it is deferred, and runs even if Started does not return.

// followAsync wraps a background job so that r follows it.
func followAsync[T any](r *record, job func(*T)) func(*T) {
	return func(data *T) {
		defer r.tell()
		defer func() {
			defer r.unwound()
			job(data)
			r.end(Returned)
		}()
		r.start()
	}
}

// follow is settle for a job that r follows, if r is not nil. The observer's panics
// are not the job's: they go on when p has settled.
func follow[R any](p *futures.Promise[R], r *record, job func() (R, error)) {
	if r == nil {
		settle(p, job)
		return
	}
	defer r.tell()
	defer settle(p, func() (R, error) {
		defer r.unwound()
		v, err := job()
		r.end(Returned)
		return v, err
	})
	r.start()
}

// syncFollowed is Sync with a record.
func (d *Desync[T]) syncFollowed[R any](job func(*T) R) (result R) {
	d.doFollowed(func(data *T) { result = job(data) })
	return result
}

// tryFollowed runs the job of a Try, which has the turn.
func (d *Desync[T]) tryFollowed(job func(*T)) {
	var r *record
	defer func() {
		if r != nil { // else Queued has not returned
			r.tell()
		}
	}()
	defer d.release()
	r = d.core.cfg.record()
	d.jobFollowed(r, job)
}

// doFollowed is Do with a record.
func (d *Desync[T]) doFollowed(job func(*T)) {
	r := d.core.cfg.record()
	defer r.tell()
	d.acquire()
	defer d.release()
	d.jobFollowed(r, job)
}

// jobFollowed runs a job on the goroutine of its caller, which has the turn. It notes how
// and when the job has ended, also after a panic or Goexit.
func (d *Desync[T]) jobFollowed(r *record, job func(*T)) {
	defer r.unwound()
	r.start()
	job(&d.data)
	r.end(Returned)
}

// runFollowed is runContext with a record.
func (d *Desync[T]) runFollowed(ctx context.Context, call string, job func(context.Context, *T) error) error {
	r := d.core.cfg.record()
	defer r.tell()
	return d.runContext(ctx, call, func(ctx context.Context, data *T) error {
		defer r.unwound()
		r.start()
		err := job(ctx, data)
		r.end(Returned)
		return err
	})
}
