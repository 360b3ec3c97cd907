package desync

import (
	"context"
	"runtime/trace"
	"time"
)

// observed reports whether the jobs must be followed: if there is an observer, or if the
// object has options and an execution trace is being taken.
func (c *config) observed() bool {
	return c != nil && (c.observer != nil || trace.IsEnabled())
}

// A record follows one job for the observer and the execution trace.
type record struct {
	observer Observer
	info     JobInfo
	task     *trace.Task
	ctx      context.Context // of task
	region   *trace.Region
}

func (c *config) record() *record {
	r := &record{observer: c.observer, info: JobInfo{Object: c.name, Queued: time.Now()}}
	if r.observer == nil {
		r.observer = NopObserver{}
	}
	// This comes first: if it does not return there is nothing to end.
	r.observer.Queued(r.info)
	if trace.IsEnabled() {
		r.ctx, r.task = trace.NewTask(context.Background(), "desync "+c.name)
	}
	return r
}

func (r *record) start() {
	r.info.Started = time.Now()
	if r.task != nil {
		r.region = trace.StartRegion(r.ctx, "desync job "+r.info.Object)
	}
	r.observer.Started(r.info)
}

// end notes how the job has ended, on the goroutine that started it.
func (r *record) end(o Outcome) {
	r.info.Finished, r.info.Outcome = time.Now(), o
	if r.region != nil {
		r.region.End()
	}
}

// unwound is end for a job that has not returned. It does nothing after end.
func (r *record) unwound() {
	if r.info.Outcome == OutcomeUnfinished {
		r.end(OutcomeUnwound)
	}
}

// tell is the last step. It is separate from end so that the object can be passed on in
// between.
func (r *record) tell() {
	r.unwound()
	if r.info.Started.IsZero() {
		r.info.Outcome = OutcomeNotRun
	}
	if r.task != nil {
		r.task.End()
	}
	r.observer.Finished(r.info)
}
