package conformance

import (
	"context"
	"time"
)

// script makes the calls of the cell, one after the other, and waits for what must come
// of each.
func (r *cellRun) script() {
	c := r.c
	call, next := callTable[c.call], callTable[c.next]
	within, release := r.enter()

	if c.ctx == ctxBefore || c.ctx == ctxCause && !c.held() {
		r.cancel()
	}
	entered := make(chan struct{})
	done := r.start(func() {
		within(func() {
			close(entered)
			r.first.make(c.call, r.ctx, r.o, r.also, r.work)
		})
	})
	if call.future {
		r.start(r.first.await)
	}
	if c.state == stateOwn || c.state == stateOther {
		r.entersOr(entered, done)
		r.comes(entered, "EXE-2", "a job on an idle object starts")
	}
	shared := r.share()
	if c.canceled() && c.held() && c.ctx != ctxBefore {
		r.comes(entered, "EXE-2", "a call is made")
		r.briefly(r.first.over)
		r.cancel()
	}
	switch {
	case c.prompt() != "" && (r.has(FeatureUnbounded) || c.never() != ""):
		r.comes(r.first.over, c.prompt(), callTable[c.call].name+" returns at once")
		r.returned.Store(!call.waits)
		if c.canceled() && call.future {
			r.comes(r.first.told, "CAN-1", "the wait for a future whose context ended is over at once")
		}
		for _, other := range shared {
			if c.canceled() {
				r.comes(r.finished(other), "CAN-1", "each of the calls that share a context is told at once when it ends")
			}
		}
	case c.state == stateIdle && call.job:
		r.comes(r.started, c.starts(), "a job on an idle object starts")
	default:
		r.briefly(r.first.over)
	}

	if r.heldYet != nil {
		r.letGoOf()
		r.heldYet()
	}

	after := next.after || c.closes()
	if !after {
		r.start(func() { r.next.make(c.next, context.Background(), r.o, r.also, r.nextJob) })
		if next.future {
			r.start(r.next.await)
		}
		if !next.waits && r.has(FeatureUnbounded) {
			r.comes(r.next.over, c.promptNext(), callTable[c.next].name+" returns at once")
		} else {
			r.briefly(r.next.over)
		}
	}

	r.free.Store(true)
	release()
	r.hold.open()
	if c.next == callAfter || c.next == callSuspend {
		r.start(r.letNextGo)
	}
	r.letGo()
	r.judge()
	if c.state == stateOther {
		r.comes(done, c.goesOn(), "the job that made the call ends")
		r.fence(r.from)
	}
	for _, other := range shared {
		r.judgeShared(other)
	}
	if after {
		r.afterwards()
	} else {
		r.judgeNext()
	}
	r.finish()
}

// entersOr notes if the job that is to make the call ends, and has not begun.
func (r *cellRun) entersOr(entered, done <-chan struct{}) {
	if r.c.state != stateOther {
		return
	}
	r.at("EXE-2", "a job on an idle object starts")
	select {
	case <-entered:
	case <-r.trial.ctx.Done():
	case <-done:
		select {
		case <-entered:
		default:
			panic("a Do that ended before its job began") // is noted
		}
	}
}

// share makes two more calls with the same context, if the cell has them.
func (r *cellRun) share() (others []*answer) {
	if r.c.ctx != ctxShared {
		return nil
	}
	if !r.c.held() {
		r.comes(r.started, "EXE-2", "a job on an idle object starts")
	}
	for range 2 {
		a := newAnswer()
		r.start(func() {
			a.make(r.c.call, r.ctx, r.o, r.also, func() int { r.others.Add(1); return jobResult })
		})
		r.briefly(a.over)
		if callTable[r.c.call].future {
			r.start(a.await)
		}
		others = append(others, a)
	}
	return others
}

// finished returns a channel that is closed when all is known of a call of the cell's
// kind.
func (r *cellRun) finished(a *answer) <-chan struct{} {
	if callTable[r.c.call].future {
		return a.told
	}
	return a.over
}

// letNextGo ends what the next call holds. The first may be behind it: calls that wait
// take their places when they like.
func (r *cellRun) letNextGo() {
	<-r.next.over
	switch {
	case r.next.settle != nil:
		r.next.settle(settledWith, nil)
	case r.next.resume != nil:
		r.next.resume()
	}
}

// letGo ends what the call itself holds.
func (r *cellRun) letGo() {
	if r.c.call != callAfter && r.c.call != callSuspend {
		return
	}
	r.comes(r.first.over, "LOCK-1", callTable[r.c.call].name+" returns")
	early := time.NewTimer(500 * time.Microsecond) // for a job that does not wait for it
	select {
	case <-r.started:
	case <-early.C:
	}
	r.let.Store(true)
	switch {
	case r.first.settle != nil:
		r.at("AFT-1", "settle returns")
		r.first.settle(settledWith, nil)
	case r.first.resume != nil:
		r.at("SUS-2", "resume returns")
		r.first.resume()
	}
}
