package conformance

import (
	"context"
	"runtime"
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
	switch c.state {
	case stateOwn:
		r.comes(r.begun, "EXE-2", "a job on an idle object starts")
		r.comes(entered, "ASY-1", "Async returns while its job runs")
	case stateOther:
		r.entersOr(entered, done)
		r.comes(entered, "NST-1", "a job hands over one to another object, and waits until it runs")
	case stateBusy, stateQueue:
		if r.has(FeatureParallel) && c.call != callDoAll && c.call != callDoAllOf { // they hold the other one too
			r.at("LOCK-1", "a Do on another object returns while a job runs")
			r.also.Do(func(*State) {})
		}
	}
	shared := r.share()
	if c.canceled() && c.held() && c.ctx != ctxBefore {
		r.comes(entered, "EXE-2", "a call is made")
		r.briefly(r.first.over)
		if r.has(FeatureUnbounded) {
			r.at("ASY-1", "Async returns at once")
			r.behind = newCount(1)
			r.o.Async(func(*State) { r.behind.add() })
		}
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
				r.comes(r.known(other), "CAN-1", "each of the calls that share a context is told at once when it ends")
			}
		}
	case c.state == stateIdle && call.job:
		r.at(c.starts(), "a job on an idle object starts")
		select {
		case <-r.started:
		case <-r.first.over: // judge says why
		case <-r.trial.ctx.Done():
			runtime.Goexit()
		}
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
			r.atNext(c.promptNext(), callTable[c.next].name+" returns at once")
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

// atNext waits for the return of the call that comes next.
func (r *cellRun) atNext(rule, expected string) {
	r.at(rule, expected)
	r.mu.Lock()
	r.pending.next = true
	r.mu.Unlock()
	select {
	case <-r.next.over:
	case <-r.trial.ctx.Done():
		runtime.Goexit()
	}
	r.at(r.rule, "the cell goes on")
}

// entersOr notes if the job that is to make the call ends, and has not begun.
func (r *cellRun) entersOr(entered, done <-chan struct{}) {
	r.at("NST-1", "a job hands over one to another object, and waits until it runs")
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
			a.make(r.c.call, r.ctx, r.o, r.also, func() int { r.others.add(); return jobResult })
		})
		r.briefly(a.over)
		if callTable[r.c.call].future {
			r.start(a.await)
		}
		others = append(others, a)
	}
	return others
}

// known returns a channel that is closed when all is known of a call of the cell's
// kind.
func (r *cellRun) known(a *answer) <-chan struct{} {
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
