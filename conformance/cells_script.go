package conformance

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A cellRun is one run of a cell, on an object of its own.
type cellRun struct {
	*trial
	c       cell
	o, also Object // also is another one, for calls on several
	from    Object // whose job makes the call, or nil
	value   any    // what the job panics with
	first   *answer
	next    *answer
	ctx     context.Context
	cancel  func()

	work    func() int
	left    *carried      // if one looks for what the cell leaves
	heldYet func()        // if one looks while the object is held: waits until one has
	hold    *gate         // keeps the job on an idle object
	started chan struct{} // the job has
	handled chan any      // what the handler of panics was told

	free     atomic.Bool // jobs may run, as far as the state goes
	let      atomic.Bool // the call, an After or Suspend, no longer holds the object
	ended    atomic.Bool // the job has
	returned atomic.Bool // the call has, and the next one has not begun
	inside   atomic.Int32
	ran      atomic.Int32
	nextRan  *count
	queued   *count // jobs of the state that have run
	behind   *count // jobs behind a call that is given up, or nil
	begun    chan struct{}
	others   *count // jobs of calls with the same context

	mu       sync.Mutex
	broken   []cellFault
	pending  cellFault // what it waits for
	done     bool
	finished bool // with all that it was to do
}

func newCellRun(t *trial, c cell) *cellRun {
	return &cellRun{
		trial: t, c: c, value: c.end.value(), first: newAnswer(), next: newAnswer(),
		hold: t.gate(), started: make(chan struct{}), begun: make(chan struct{}), handled: make(chan any, 1),
		nextRan: newCount(1), queued: newCount(queuedJobs), others: newCount(2),
	}
}

// A cellFault is a rule that is broken, and how.
type cellFault struct {
	rule, expected, happened string
	next                     bool // the call that came next does not return
}

func (r *cellRun) broke(rule, expected, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = append(r.broken, cellFault{rule: rule, expected: expected, happened: fmt.Sprintf(format, args...)})
}

// at notes what must come next, by which rule.
func (r *cellRun) at(rule, expected string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = cellFault{rule: rule, expected: expected, happened: "it never will: no goroutine can run any more"}
}

// comes waits for what must come, by a rule.
func (r *cellRun) comes(c <-chan struct{}, rule, expected string) {
	r.at(rule, expected)
	select {
	case <-c:
	case <-r.trial.ctx.Done():
		runtime.Goexit()
	}
	r.at(r.rule, "the cell goes on")
}

// play is the whole cell. It never fails the trial: what is broken is noted.
func (r *cellRun) play() {
	defer func() {
		v := recover()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.done = true
		switch at := r.pending; {
		case v != nil:
			r.broken = append(r.broken, cellFault{rule: at.rule, expected: at.expected, happened: "a call panicked with " + show(v)})
		case !r.finished && r.trial.ctx.Err() != nil:
			r.done = false
		case !r.finished:
			r.broken = append(r.broken, cellFault{rule: at.rule, expected: at.expected, happened: "a call ended its goroutine"})
		}
	}()
	r.prepare()
	r.script()
	if r.left != nil {
		r.letGoOf()
	}
	r.mu.Lock()
	r.finished = true
	r.mu.Unlock()
}

func (r *cellRun) prepare() {
	r.at(r.rule, "New returns an object")
	r.o, r.also = r.object(), r.object()
	if r.c.state == stateOther {
		r.from = r.object()
	}
	if call := callTable[r.c.call]; r.c.end.panics() && !call.waits && !call.future {
		r.at("PAN-3", "OnPanic returns")
		handled := r.handled // since the object keeps the handler
		r.o.(PanicPolicy).OnPanic(func(v any) { handled <- v })
	}
	parent := context.Background()
	r.work = r.job
	if r.left != nil {
		parent = r.carry()
	}
	switch r.c.ctx {
	case ctxLater:
		r.ctx, r.cancel = context.WithTimeout(parent, time.Hour)
	case ctxCause:
		ctx, cancel := context.WithCancelCause(parent)
		r.ctx, r.cancel = ctx, func() { cancel(errCause) }
	default:
		r.ctx, r.cancel = context.WithCancel(parent)
	}
}

var errCause = fmt.Errorf("conformance: the cause of a context")

// object makes an object that the cell itself closes.
func (r *cellRun) object() Object {
	o, fault, _ := r.construct()
	if fault == "" {
		r.trial.mu.Lock()
		fault = r.twice(o)
		r.trial.mu.Unlock()
	}
	if fault != "" {
		r.broke(r.rule, "New returns an object", "%s", fault)
		panic("there is no object")
	}
	return o
}

// carry makes the job and the context refer to payloads.
//
//go:noinline
func (r *cellRun) carry() (parent context.Context) {
	type key struct{}
	job, value := r.left.job.payload(), r.left.ctx.payload()
	r.work = func() int { job.use(); return r.job() }
	r.left.o = r.o
	r.left.made.Store(true)
	return context.WithValue(context.Background(), key{}, value)
}

// letGoOf drops what the cell itself refers to.
func (r *cellRun) letGoOf() {
	r.cancel()
	r.work, r.ctx, r.cancel = nil, nil, func() {}
	r.first.wait, r.first.settle, r.first.resume = nil, nil, nil
}
