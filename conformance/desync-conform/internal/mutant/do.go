package mutant

import (
	"context"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

func (o *object) Do(job func(*conformance.State)) {
	switch o.fault {
	case syncUnlocked:
		o.doLock.Lock()
		defer o.doLock.Unlock()
		job(&o.state)
		return
	case syncOnWorker:
		done := make(chan struct{})
		o.mustQueue(&entry{job: func() { defer close(done); job(&o.state) }})
		<-done
		return
	case syncResultRacy:
		done := false
		o.mustQueue(&entry{job: func() { job(&o.state); done = true }})
		for !done {
			time.Sleep(10 * time.Microsecond)
		}
		return
	}
	if err := o.DoContext(context.Background(), job); err != nil {
		panic(err)
	}
}

// wait takes a place and waits for its turn. It reports whether the turn has come,
// which it has not if ctx ended first, and whether it had to wait.
func (o *object) wait(ctx context.Context, e *entry) (waited bool, err error) {
	if o.letsOvertake() {
		return o.waitFree(ctx, e)
	}
	turned, plain := make(chan struct{}), false
	e.grant = func() { close(turned) }
	if o.is(handoffWithoutHB) {
		e.grant = func() { plain = true }
	}
	var ended error
	if !o.is(contextUnderLock) {
		ended = ctx.Err()
	}
	o.mu.Lock()
	if o.is(contextUnderLock) {
		ended = ctx.Err()
	}
	switch {
	case ended != nil && !(o.is(idleIgnoresContext) && !o.busy):
		o.mu.Unlock()
		return false, ended
	case o.closed:
		o.mu.Unlock()
		return false, errClosed
	}
	now := o.enqueue(e)
	o.mu.Unlock()
	if now {
		return false, nil
	}
	if o.is(handoffWithoutHB) {
		for !plain {
			if time.Sleep(10 * time.Microsecond); ctx.Err() != nil && o.cancel(e) {
				return true, ctx.Err()
			}
		}
	} else {
		select {
		case <-turned:
		case <-ctx.Done():
			if o.cancel(e) {
				return true, ctx.Err()
			}
			<-turned
		}
	}
	return true, o.lastLook(ctx)
}

// lastLook passes the turn on if ctx has ended, and returns how it did.
func (o *object) lastLook(ctx context.Context) (err error) {
	keep := false
	defer func() { // ctx may panic
		if !keep && !o.is(turnGivenToCanceled) {
			o.pass()
		}
	}()
	err = ctx.Err()
	keep = err == nil
	return err
}

func (o *object) DoContext(ctx context.Context, job func(*conformance.State)) error {
	e := &entry{late: func() { job(&o.state) }}
	waited, err := o.wait(ctx, e)
	if err != nil {
		return err
	}
	if waited && o.is(syncReturnsAtStart) {
		go o.hold(func() { job(&o.state) })
		return nil
	}
	if e.thrown != nil {
		defer panic(e.thrown)
	}
	o.hold(func() { job(&o.state) })
	switch o.fault {
	case ranReportedCanceled:
		return ctx.Err()
	case syncWaitsForLater:
		o.mu.Lock()
		for o.busy {
			o.changed.Wait()
		}
		o.mu.Unlock()
	}
	return nil
}

// hold runs a job of the caller, who has the turn, and passes the turn on.
func (o *object) hold(job func()) {
	returned := false
	defer func() {
		if o.is(syncStrandsOnGoexit) && !returned {
			v := recover()
			if v == nil {
				return
			}
			defer panic(v)
		}
		if o.is(turnPassedLate) {
			go o.pass()
			return
		}
		o.pass()
		if o.is(syncStrandsOnPanic) && recover() != nil {
			<-make(chan struct{})
		}
	}()
	defer o.enter()()
	job()
	returned = true
}

func (o *object) TryDo(job func(*conformance.State)) bool {
	o.mu.Lock()
	between := o.between && o.is(tryBetweenJobs)
	if !between && !o.idle() || o.closed {
		if o.is(refusedTryWedges) {
			o.queue.push(&entry{grant: func() {}})
		}
		o.mu.Unlock()
		return false
	}
	o.busy, o.between = true, false
	o.mu.Unlock()
	o.hold(func() { job(&o.state) })
	return true
}
