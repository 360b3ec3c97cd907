package desync

import (
	"context"
	"runtime/trace"
	"sync"
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
	info   JobInfo         // without an observer, it has no times and numbers
	ctx    context.Context // what the job's context is derived from; nil if the call has none
	told   bool            // Queued has returned
	task   *trace.Task
	region *trace.Region
}

// A record is free when it has told of the end.
var records = sync.Pool{New: func() any { return new(record) }}

// A made is what a call says about itself to its record.
type made struct {
	call   Call
	code   any             // the user's function, if it runs in the background
	ctx    context.Context // of the call; may be nil
	set    uint64
	inTurn bool // the turn has come already
}

// record begins to follow a job of d, which must be observed.
func (d *Desync[T]) record(m made) *record {
	r := records.Get().(*record)
	r.config, r.ctx = d.core.cfg, m.ctx
	r.info.Object, r.info.Call, r.info.Set, r.info.Context = r.name, m.call, m.set, m.ctx
	traced, text := trace.IsEnabled(), ""
	if traced {
		if key := d.key(); key != nil {
			text = keyText(key) // may call the user's code
		}
	}
	if r.observer != nil {
		r.queued(m)
	}
	if traced {
		parent := m.ctx
		if parent == nil {
			parent = context.Background()
		}
		var ctx context.Context
		ctx, r.task = trace.NewTask(parent, "desync "+r.name)
		if text != "" {
			trace.Log(ctx, "desync key", text)
		}
		r.ctx = ctx
	}
	return r
}

// queued tells the observer of the call. It comes before anything that has an end: it may
// not return.
func (r *record) queued(m made) {
	j := &r.info
	if m.code != nil {
		j.Func = codeOf(m.code)
	}
	if m.ctx != nil {
		j.Within = within(m.ctx) // may call the user's code
	}
	j.ObjectID, j.Key, j.ID = r.seen.id, r.seen.key, jobIDs.Add(1)
	j.Ahead = int(r.seen.open.Add(1)) - 1
	defer r.unlessQueued()
	j.Queued = time.Now()
	if j.InTurn = m.inTurn; j.InTurn {
		j.Started = j.Queued
	}
	r.observer.Queued(*j)
	r.told = true
}

func (r *record) unlessQueued() {
	if !r.told {
		r.seen.open.Add(-1)
	}
}

// held tells the observer that the object is held for the job, on the goroutine of its
// caller.
func (r *record) held() { r.observer.Held(r.info) }

// heldApart is held for a goroutine that works for others, which a Goexit must not end.
func (r *record) heldApart() {
	told := make(chan struct{})
	go func() {
		defer close(told)
		r.guarded(r.held)
	}()
	<-told
}

// rest is called when a drainer begins, or has yielded: the next job does not follow the
// last one in a row.
func (c *config) rest() {
	if c != nil && c.seen != nil {
		c.seen.last = time.Time{}
	}
}

// How the turn of a job has come, for the clock: reading it is most of what an observer
// costs.
type arrival uint8

const (
	later  arrival = iota // at some time after the call
	atOnce                // with the call
	inARow                // after another job of the object, on the same goroutine
)

// arrived returns later if the object was busy.
func arrived(wasBusy bool) arrival {
	if wasBusy {
		return later
	}
	return atOnce
}

// start is called when the job's turn has come.
func (r *record) start(how arrival) {
	if r.task != nil {
		r.region = trace.StartRegion(r.ctx, "desync job "+r.info.Object)
	}
	if r.observer == nil {
		return
	}
	j := &r.info
	switch last := r.seen.last; {
	case j.InTurn: // Started is set
	case how == atOnce && j.Ahead == 0 && jobIDs.Load() == j.ID:
		// Nobody else can have had the turn since the call. One that was made before it would
		// be ahead, and one that was made later has a number before its turn.
		j.Started = j.Queued
	case how != inARow || last.IsZero():
		j.Started = time.Now()
	case last.Before(j.Queued):
		j.Started = j.Queued
	default:
		j.Started = last
	}
	r.observer.Started(*j)
	if j.Context == nil {
		return
	}
	for _, o := range r.contextual {
		ctx := o.JobContext(r.ctx, *j)
		if ctx == nil {
			panic("desync: the JobContext of an observer has returned a nil context")
		}
		r.ctx = ctx
	}
	r.ctx = &observedContext{r.ctx, j.ID}
}

// end publishes the value and notes how the job has ended. It is called in the job's
// turn, on the goroutine that started it.
func (r *record) end(o Outcome) {
	noted := OutcomeUnwound // if publish does not return
	defer func() {
		r.note(noted)
		if r.seen != nil {
			r.seen.last = r.info.Finished
		}
	}()
	if r.publish != nil {
		r.publish()
	}
	noted = o
}

func (r *record) note(o Outcome) {
	r.info.Outcome = o
	if r.observer != nil {
		r.info.Finished = time.Now()
		r.seen.open.Add(-1)
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
	if r.info.Started.IsZero() && r.info.Call != CallSuspend {
		r.info.Outcome = OutcomeNotRun
	}
	if r.task != nil {
		r.task.End()
	}
	if r.observer != nil {
		r.observer.Finished(r.info)
	}
	*r = record{}
	records.Put(r)
}

// tellErr is tell for a job that has an error.
func (r *record) tellErr(err error) {
	r.info.Err = err
	r.tell()
}

// An observedContext is what the context of a job is derived from, if an observer is told
// of the job.
type observedContext struct {
	context.Context
	id uint64
}

type observedContextKey struct{}

func (c *observedContext) Value(key any) any {
	if key == (observedContextKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// within returns the number of the innermost observed job that ctx comes from, or 0.
func within(ctx context.Context) uint64 {
	if c, ok := ctx.Value(observedContextKey{}).(*observedContext); ok {
		return c.id
	}
	return 0
}
