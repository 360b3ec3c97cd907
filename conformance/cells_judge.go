package conformance

import (
	"context"
	"errors"
	"runtime"
	"strings"
)

// judge waits for the end of the call and looks at what came of it.
func (r *cellRun) judge() {
	c, a, rule := r.c, r.first, r.c.told()
	call := callTable[c.call]
	r.comes(a.over, rule, "the call is over")
	if a.wait != nil {
		r.comes(a.told, rule, "the wait for the result is over")
		if r.runs() && !r.ended.Load() {
			r.broke("FUT-2", "a future does not settle before its job has ended", "it did")
		}
	}
	if n := r.queued.n.Load(); c.call == callClose && c.state == stateQueue && n != queuedJobs {
		r.broke("CLO-1", "Close returns when everything that was accepted has run", "%d of %d jobs had run", n, queuedJobs)
	}
	switch never := c.never(); {
	case c.state == stateClosing && call.job:
		return
	case never != "" && (!a.returned || a.ran || call.ctx && a.err == nil && a.result == nil):
		r.broke(never, "the caller is told that its job does not run", "%s, with %v, %v and %v", a.how(), a.ran, a.err, a.result)
		return
	case never != "":
		return
	}
	if call.job && !call.waits {
		r.comes(r.started, "EXE-2", "the job runs")
	}
	if !call.waits || c.end == endReturns {
		r.judgeReturn(a, rule, "")
	}
	switch {
	case call.waits && call.job && a.returned && !r.ended.Load():
		r.broke(rule, "the call returns when its job has ended", "it returned before that")
	case c.end.panics() && call.waits && !r.thrown(a.thrown):
		r.broke(rule, "a panic reaches the caller with its value", "the job panicked with %s; of the call, %s", show(r.value), a.how())
	case c.end.panics() && call.future:
		if a.result == nil || (c.end == endString || c.end == endError) && !strings.Contains(a.result.Error(), thrown) {
			r.broke(rule, "a panic settles the future with an error that contains the value", "the job panicked with %s, the error is %v", show(r.value), a.result)
		}
	case c.end.panics() && !call.waits:
		r.at(rule, "the handler of panics is told")
		select {
		case v := <-r.handled:
			if !r.thrown(v) {
				r.broke(rule, "the handler of panics gets the value", "the job panicked with %s, the handler got %s", show(r.value), show(v))
			}
		case <-r.trial.ctx.Done():
			runtime.Goexit()
		}
	case c.end == endGoexit && call.waits && (a.returned || a.thrown != nil):
		r.broke(rule, "runtime.Goexit in the job ends the calling goroutine", "%s", a.how())
	case c.end == endGoexit && call.future && a.result == nil:
		r.broke(rule, "a future whose job calls runtime.Goexit has an error", "it has the value %d", a.v)
	}
}

// judgeReturn looks at a call that is to return, and whose job returns.
func (r *cellRun) judgeReturn(a *answer, rule, which string) {
	switch {
	case !a.returned:
		r.broke(rule, "the call"+which+" returns", "%s", a.how())
	case a.err != nil:
		r.broke(rule, "the call"+which+" gives no error", "it gave %v", a.err)
	case a.wait != nil && r.c.end == endReturns && (a.v != jobResult || a.result != nil):
		r.broke(rule, "the future"+which+" has the value of its job", "want %d, got %d and the error %v", jobResult, a.v, a.result)
	}
}

// thrown reports whether v is what the job panicked with.
func (r *cellRun) thrown(v any) bool {
	if r.c.end == endNil {
		var null *runtime.PanicNilError
		err, ok := v.(error)
		return ok && errors.As(err, &null)
	}
	return v == r.value
}

// judgeShared looks at a call that shares the context of the first one.
func (r *cellRun) judgeShared(a *answer) {
	if r.c.canceled() {
		if a.err == nil && a.result == nil {
			r.broke("CAN-1", "each of the calls that share a context is told that its job does not run", "one was not")
		}
		return
	}
	rule := r.c.goesOn()
	r.comes(a.over, rule, "a call with the same context is over")
	r.comes(r.known(a), rule, "the wait for a call with the same context is over")
	if !a.returned || a.err != nil || a.result != nil {
		r.broke("CAN-2", "a call whose context has not ended runs its job", "%s, with the errors %v and %v", a.how(), a.err, a.result)
	}
}

// judgeNext waits for the call that came next.
func (r *cellRun) judgeNext() {
	c, a, next := r.c, r.next, callTable[r.c.next]
	rule := c.goesOn()
	r.comes(a.over, rule, "a call behind the cell's is over")
	if a.thrown != nil && c.end.panics() && !callTable[c.call].waits {
		r.broke("HLP-2", "a panic of a background job does not reach a call behind it", "%s", a.how())
		return
	}
	if !a.returned && a.thrown == nil && r.mayEndNext() {
		return
	}
	if a.wait != nil {
		r.comes(a.told, rule, "the wait for a call behind the cell's is over")
	}
	if next.waits || next.future {
		kept := r.c.end
		r.c.end = endReturns
		r.judgeReturn(a, rule, " behind the cell's")
		r.c.end = kept
	}
}

// mayEndNext reports whether the job of the call may end the goroutine of the next one,
// which runs it (HLP-3).
func (r *cellRun) mayEndNext() bool {
	return r.c.end == endGoexit && !callTable[r.c.call].waits &&
		(r.c.next == callDo || r.c.next == callDoAll || r.c.next == callDoAllOf)
}

// afterwards makes the call that comes next when the first is over.
func (r *cellRun) afterwards() {
	c, a := r.c, r.next
	switch {
	case c.closes() && c.next == callSubmit:
		r.at("CLO-2", "Submit after Close returns at once")
		a.make(c.next, context.Background(), r.o, r.also, r.nextJob)
		if !a.returned || a.ran {
			r.broke("CLO-2", "what is submitted after Close has returned is refused", "%s, and it was accepted: %v", a.how(), a.ran)
		}
	case c.closes():
		r.at("CLO-3", "a second Close returns")
		a.make(c.next, context.Background(), r.o, r.also, nil)
		r.judgeReturn(a, "CLO-3", " that came next")
	case c.next == callTry:
		if c.call != callDo || c.end != endReturns {
			r.fence(r.o)
		}
		r.at("TRY-2", "TryDo returns at once")
		a.make(c.next, context.Background(), r.o, r.also, r.nextJob)
		if !a.returned || !a.ran || r.nextRan.n.Load() == 0 {
			r.broke("TRY-2", "a Try succeeds straight after a Do", "%s, and it was accepted: %v", a.how(), a.ran)
		}
	default:
		r.fence(r.o)
	}
}

// fence is a Do that must return.
func (r *cellRun) fence(o Object) {
	r.at(r.c.goesOn(), "the object goes on: a Do returns")
	o.Do(func(*State) {})
}

// finish looks at what is known when the object is idle, and closes it.
func (r *cellRun) finish() {
	c, call, next := r.c, callTable[r.c.call], callTable[r.c.next]
	r.cancel()
	if !c.closes() {
		r.fence(r.o)
	}
	r.fence(r.also)
	if r.has(FeatureClose) && r.left == nil {
		r.at("CLO-1", "Close returns")
		for _, o := range []Object{r.o, r.also, r.from} {
			if o != nil {
				o.(Closer).Close()
			}
		}
	}
	ran, others := int64(r.ran.Load()), r.others.n.Load()
	switch never := c.never(); {
	case never != "" && ran+others > 0:
		r.broke(never, "the job never runs", "it did")
	case c.state == stateClosing && call.job && r.first.ran != (ran == 1):
		r.broke("CLO-1", "what Submit accepts while Close is called runs, and nothing else", "accepted: %v, runs: %d", r.first.ran, ran)
	case c.closes() && r.nextRan.n.Load() > 0:
		r.broke("CLO-2", "what is submitted after Close has returned never runs", "it ran")
	}
	refused := func(kind callKind, a *answer) bool { return kind == callTry && a.returned && !a.ran } // TRY-2 has said so
	if r.runs() && !refused(c.call, r.first) {
		r.late(r.started, "EXE-2", "the job of the call")
	}
	if c.ctx == ctxShared && !c.held() {
		r.late(r.others.full, "EXE-2", "the jobs of calls with the same context")
	}
	if !c.closes() && next.job && !r.mayEndNext() && !refused(c.next, r.next) {
		r.late(r.nextRan.full, c.goesOn(), "the job of the call that came next")
	}
	if r.behind != nil {
		r.late(r.behind.full, "CAN-3", "a job behind a canceled one")
	}
	if c.state == stateQueue || c.state == stateOwn {
		r.late(r.queued.full, "EXE-2", "what was queued before")
	}
}

// late waits for a job that must run, and must have run by now: a later Do has returned.
func (r *cellRun) late(ran <-chan struct{}, rule, which string) {
	select {
	case <-ran:
		return
	default:
	}
	r.comes(ran, rule, which+" runs")
	r.broke("ORD-3", "nothing overtakes a job whose call has returned", "%s had not run when a later Do returned", which)
}
