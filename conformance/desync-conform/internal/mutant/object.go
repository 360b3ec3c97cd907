package mutant

import (
	"context"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// An object runs background jobs on a goroutine that lives while there are any. A
// call that waits gets its turn from whoever had it before.
type object struct {
	*shared
	state   conformance.State // of who has the turn
	number  uint64            // the order in which several objects are locked
	handler func(any)         // set before first use

	mu      sync.Mutex
	queue   ring
	busy    bool // somebody has the turn
	closed  bool
	changed sync.Cond // busy is false, or the queue has become shorter

	// For those that let calls overtake each other; see free.go.
	woken    *entry // it has been woken, and has not looked yet
	starving bool   // the turn goes from one that waits to the next

	// For some of the faults.
	between bool          // two jobs
	resting bool          // the worker looks at the queue for the last time
	client  uint64        // the goroutine whose job ran last
	runner  atomic.Uint64 // the goroutine that runs a job
	inside  atomic.Int64  // calls of queueJob
	doLock  sync.Mutex
	kept    []*entry
	resumes chan struct{}

	canceled int       // calls that were given up
	rested   time.Time // when the object became idle
}

// An entry is a place in the queue. It is either a background job, or the moment
// at which somebody who waits may go on; grant must not block.
type entry struct {
	job    func()
	grant  func()
	queued bool
	gone   bool    // canceled
	waiter *waiter // if it may be overtaken

	// For some of the faults.
	client uint64
	future bool
	late   func() // the job of a call that can be given up
	thrown any    // by the job in front
}

// enqueue takes a place and reports whether the turn has come already. With mu held.
func (o *object) enqueue(e *entry) (now bool) {
	if o.is(queuePerClient) {
		e.client = goid()
	}
	if !o.busy || o.between && e.grant != nil && o.is(syncBarging) {
		o.busy, o.between = true, false
		return true
	}
	if e.grant != nil && o.is(waiterForgottenAt) && o.queue.n == o.n {
		return false
	}
	e.queued = true
	if e.grant != nil && (o.is(syncSkipsQueue) || o.is(doOvertakesFrom) && o.queue.n >= o.n) {
		o.queue.pushFront(e)
		return false
	}
	o.queue.push(e)
	if o.resting && (o.is(duplicateOnWake) || o.is(doubledBeforeSleep)) && e.job != nil {
		o.queue.push(e)
	}
	return false
}

// next takes the turn that comes first, or notes that there is none.
func (o *object) next() *entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.is(syncBarging) || o.is(tryBetweenJobs) {
		o.between = true
		o.elsewhere()
		if !o.between {
			return nil // somebody else has the turn now
		}
		o.between = false
	}
	for {
		looked := o.queue.n == 0
		if looked && o.hasGap() {
			o.resting = true
			o.elsewhere()
			o.resting = false
		}
		if o.free() {
			o.leave()
			return nil
		}
		if o.queue.n == 0 || looked && o.misses(*o.queue.at(0)) {
			o.busy, o.starving = false, false
			o.rested = time.Now()
			o.changed.Broadcast()
			return nil
		}
		e := o.queue.remove(o.pick())
		if o.is(asyncBlocksAt1024) || o.is(asyncWaitsFrom) {
			o.changed.Broadcast()
		}
		e.queued = false
		if !e.gone {
			o.client = e.client
			if e.waiter != nil {
				o.give(e.waiter)
			}
			return e
		}
	}
}

// misses reports whether what has come while the object was about to rest is missed.
func (o *object) misses(e *entry) bool {
	return o.is(lostWakeup) || o.is(lostBeforeSleep) && e.job != nil || o.is(waiterLostAtIdle) && e.grant != nil
}

// elsewhere lets others in for a moment.
func (o *object) elsewhere() {
	o.mu.Unlock()
	if o.d > 0 {
		spin(o.d)
	} else {
		runtime.Gosched()
	}
	o.mu.Lock()
}

// pick returns which of the queued entries is the next.
func (o *object) pick() int {
	first := 0
	switch o.fault {
	case lifo:
		return o.queue.n - 1
	case randomPick:
		return rand.IntN(o.queue.n)
	case newestWaiterFirst:
		if o.queue.find(func(e *entry) bool { return e.job != nil || e.late == nil }) < 0 {
			return o.queue.n - 1
		}
	case queuePerClient:
		first = o.queue.find(func(e *entry) bool { return e.client != o.client })
	case futuresSecondQueue:
		first = o.queue.find(func(e *entry) bool { return !e.future })
	}
	return max(0, first)
}

// begin starts a turn that has come.
func (o *object) begin(e *entry) {
	switch {
	case e == nil:
	case e.job != nil:
		go func() {
			if !o.is(labelsInherited) {
				pprof.SetGoroutineLabels(context.Background())
			}
			o.work(e)
		}()
	default:
		if o.is(turnGivenToCanceled) {
			spin(o.d)
		}
		e.grant()
	}
}

// idle reports whether nobody has the turn and nobody waits for it. With mu held.
func (o *object) idle() bool { return !o.busy && o.queue.n == 0 && o.woken == nil }

// pass ends the turn that the caller has.
func (o *object) pass() { o.begin(o.next()) }
