package pipe

import (
	"context"
	"slices"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// A watch records what an intake waits for, in builds that look for cycles of waits;
// see package waits. It is not used in other builds.
type watch struct {
	mu     sync.Mutex
	jobs   []*watched      // of the items that were handed over and have not ended, in their order
	source *intake         // of the stage before this one, if the feeder takes its results
	needs  []*waits.Job    // what the owner waits for at this moment
	tell   []chan struct{} // closed when jobs, source or the source's needs have changed

	// Set once.
	down   *intake // of the stage after this one, or nil
	mayEnd bool    // the user's context may end
}

type watched struct {
	job   *waits.Job
	begun bool
}

// follow calls submit, which hands over the job of an item. The job must call begun and
// ended.
func (in *intake) follow(submit func(j *watched)) {
	if !waits.Watching {
		submit(nil)
		return
	}
	waits.Follow(func(job *waits.Job) {
		j := &watched{job: job}
		in.watch.mu.Lock()
		in.watch.jobs = append(in.watch.jobs, j)
		in.watch.mu.Unlock()
		submit(j)
	})
	in.changed()
}

// changed makes the goroutines that wait for this intake look again at what they wait
// for.
func (in *intake) changed() {
	in.watch.mu.Lock()
	for _, c := range in.watch.tell {
		close(c)
	}
	in.watch.tell = nil
	in.watch.mu.Unlock()
	in.ready.notify()
}

func (in *intake) begun(j *watched) {
	if waits.Watching {
		in.watch.mu.Lock()
		defer in.watch.mu.Unlock()
		j.begun = true
	}
}

// gone is called when a job has ended and its result can be seen, or when it will not
// run. The owner must be notified.
func (in *intake) gone(j *watched) {
	if waits.Watching && j != nil {
		j.job.End()
		in.watch.mu.Lock()
		defer in.watch.mu.Unlock()
		in.watch.jobs = slices.DeleteFunc(in.watch.jobs, func(other *watched) bool { return other == j })
	}
}

// hold notes that the calling goroutine is the feeder, until leave is called.
func (in *intake) hold() (leave func()) {
	if !waits.Watching {
		return func() {}
	}
	waits.Hold(in.feeder())
	return func() { waits.Leave(in) }
}

func (in *intake) feeder() waits.Object {
	return waits.Object{Key: in, Describe: func() string { return "the source of a pipe" }}
}

// pending returns the jobs that have not ended or, if there is none, what the feeder
// waits for.
func (in *intake) pending() (own, feeders []*waits.Job) {
	in.watch.mu.Lock()
	for _, j := range in.watch.jobs {
		own = append(own, j.job)
	}
	source := in.watch.source
	in.watch.mu.Unlock()
	if len(own) > 0 {
		return own, nil
	}
	if source != nil {
		source.watch.mu.Lock()
		feeders = source.watch.needs
		source.watch.mu.Unlock()
	}
	if len(feeders) == 0 {
		feeders = []*waits.Job{waits.NewJob(in.feeder())}
	}
	return nil, feeders
}

// beginWait notes that the owner, which is the calling goroutine, is about to wait for
// the next result, or returns the error for the ring that this would close.
func (f *flow[Out]) beginWait() error {
	over := f.over.Load() // read first, so that all jobs are seen
	jobs, feeders := f.pending()
	switch {
	case len(jobs) == 0:
		jobs = feeders
	case !f.byCompletion:
		jobs = jobs[:1] // the results come in the order of the items
	case len(jobs) < f.depth && !over:
		return nil // the next item of the source may come first
	case len(jobs) > 1: // any of them will do
		var ring func() []waits.Wait
		for _, j := range jobs {
			if ring = waits.Prepare(true, nil, j).Begin(); ring == nil {
				waits.End()
				return nil
			}
		}
		return &desync.DeadlockError{Ring: ring()}
	}
	f.setNeeds(jobs)
	if ring := waits.Prepare(f.watch.mayEnd, nil, jobs...).Begin(); ring != nil {
		return &desync.DeadlockError{Ring: ring()}
	}
	return nil
}

func (in *intake) setNeeds(jobs []*waits.Job) {
	in.watch.mu.Lock()
	in.watch.needs = jobs
	in.watch.mu.Unlock()
	if down := in.watch.down; down != nil && jobs != nil {
		down.changed()
	}
}

// watchNext is called before and after the owner of f waits for the next result.
func (f *flow[Out]) watchNext() (end func()) {
	if !waits.Watching {
		return nothing
	}
	if err := f.beginWait(); err != nil && f.next() == nil { // a job that is gone by now may have settled it
		f.cancel(err) // which ends the wait
	}
	return func() {
		waits.End()
		f.setNeeds(nil)
	}
}

// watchEnd is called before and after the owner waits for jobs that run. It panics if
// one of them waits for the owner: then All cannot keep its promise to return when none
// runs.
func (in *intake) watchEnd() (end func()) {
	if !waits.Watching {
		return nothing
	}
	var jobs []*waits.Job
	in.watch.mu.Lock()
	for _, j := range in.watch.jobs {
		if j.begun {
			jobs = append(jobs, j.job)
		}
	}
	in.watch.mu.Unlock()
	if ring := waits.Prepare(false, nil, jobs...).Begin(); ring != nil {
		in.stuck = true
		panic(&desync.DeadlockError{Ring: ring()})
	}
	return waits.End
}

func nothing() {}

// unwatched is for waits of goroutines that no other goroutine waits for.
func unwatched() (end func()) { return nothing }

// downstream is the key of the intake in the context that a source is given.
type downstream struct{}

// sourceContext is the context for the source of in.
func (in *intake) sourceContext() context.Context {
	if !waits.Watching {
		return in.ctx
	}
	return context.WithValue(in.ctx, downstream{}, in)
}

// link notes that in is the source of another intake, if outer is the context of one.
func (in *intake) link(outer context.Context, mayEnd bool) {
	if !waits.Watching {
		return
	}
	in.watch.mayEnd = mayEnd
	if down, _ := outer.Value(downstream{}).(*intake); down != nil {
		in.watch.down = down
		down.watch.mu.Lock()
		down.watch.source = in
		down.watch.mu.Unlock()
	}
}

// watchDone makes an Await of the future of s report rings.
func (s *sink[T, V]) watchDone() {
	if !waits.Watching {
		return
	}
	f := s.done.Future()
	settled := func() bool { _, ok := f.Try(); return ok }
	waits.OnAwait(f, func(ctx context.Context) (ended func(), err error) {
		for {
			changed := make(chan struct{})
			s.watch.mu.Lock()
			s.watch.tell = append(s.watch.tell, changed)
			s.watch.mu.Unlock()
			jobs, feeders := s.pending()
			ring := waits.Prepare(ctx.Done() != nil || s.ctx.Done() != nil, settled, append(jobs, feeders...)...).Begin()
			if ring != nil && ctx.Err() == nil {
				return nil, &desync.DeadlockError{Ring: ring()}
			}
			select {
			case <-changed:
				waits.End()
			case <-f.Done():
				return waits.End, nil
			case <-ctx.Done():
				return waits.End, nil
			}
		}
	})
}
