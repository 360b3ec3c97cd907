package desync

import (
	"context"
	"runtime/trace"
	"time"
)

// observed reports whether jobs must be followed: because there is an observer, because
// the object publishes, or because it has options and an execution trace is being
// taken.
func (c *config) observed() bool {
	return c != nil && (c.observer != nil || c.publish != nil || trace.IsEnabled())
}

// A record follows one job. It serves the observer, the execution trace and the
// published value.
type record struct {
	*config
	info   JobInfo // without an observer, its times are zero
	task   *trace.Task
	ctx    context.Context // of task
	region *trace.Region
}

// record begins to follow a job of d, which must be observed.
func (d *Desync[T]) record() *record {
	return d.core.cfg.record(d.key())
}

// record is that of an object with this key, or nil if it is none of a map.
func (c *config) record(key any) *record {
	r := &record{config: c, info: JobInfo{Object: c.name, Key: key}}
	traced, text := trace.IsEnabled(), ""
	if traced && key != nil {
		text = keyText(key) // may call the user's code
	}
	if r.observer != nil {
		r.info.Queued = time.Now()
		// This comes first: if it does not return, there is nothing to end.
		r.observer.Queued(r.info)
	}
	if traced {
		r.ctx, r.task = trace.NewTask(context.Background(), "desync "+c.name)
		if text != "" {
			trace.Log(r.ctx, "desync key", text)
		}
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

// end publishes the value and notes how the job has ended. It is called in the job's
// turn, on the goroutine that started it.
func (r *record) end(o Outcome) {
	noted := OutcomeUnwound // if publish does not return
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
	if r.info.Outcome == OutcomeUnfinished {
		r.end(OutcomeUnwound)
	}
}

// tell is the last step. It is separate from end so that the turn can be passed on in
// between; so it must not publish.
func (r *record) tell() {
	if r.info.Outcome == OutcomeUnfinished {
		r.note(OutcomeUnwound)
	}
	if r.info.Started.IsZero() {
		r.info.Outcome = OutcomeNotRun
	}
	if r.task != nil {
		r.task.End()
	}
	if r.observer != nil {
		r.observer.Finished(r.info)
	}
}
