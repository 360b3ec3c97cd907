package desync

import (
	"testing"
	"time"
)

// trust is how long a drainer that was overtaken still counts as being on its way; see
// summon.
const trust = time.Second

// summon makes sure that a drainer is on its way, and returns it if the caller must start
// it. It is called with mu locked, when the queue is not empty and nobody holds the
// object.
//
// A drainer is overtaken when a helping Do does its work before it begins. It is then
// still on its way, and serves the next job; otherwise every Async followed by a Sync
// would pay for a new goroutine.
//
// But a drainer that was started outside the caller's synctest bubble must not serve the
// caller's job, which would then run outside the bubble. The clock of a bubble is decades
// away from the real one. So a drainer that seems to have been overtaken in the future,
// or long ago, is replaced by a new one, and finds that out when it begins. Bubbles exist
// only in programs that go test has built. Other programs do not read the clock, which
// would take a third of the time of an Async and a Sync.
func (c *core) summon() (start *drainer) {
	q := c.q
	if q.summoned {
		if !testing.Testing() {
			return nil
		}
		if age := time.Now().UnixNano() - q.overtaken; 0 <= age && age < int64(trust) {
			return nil
		}
		q.drainer = &drainer{crews: q.own.crews}
		q.overtaken = 0
	}
	q.summoned = true
	return q.drainer
}

// overtake notes that a helping Do does the work of a drainer that is on its way. The Do
// is in the same bubble as the caller that summoned the drainer, since it is going to run
// that caller's job.
func (q *queue) overtake() {
	if testing.Testing() && q.overtaken == 0 {
		q.overtaken = time.Now().UnixNano()
	}
}

// begin is a drainer's first step. It reports whether the drainer has got the turn;
// others may have done its work meanwhile. It returns the first entry, if not all were given
// up, and gives back the queue if that was the only one.
func (c *core) begin(w *drainer) (first any, ok bool) {
	at(beginLock)
	c.mu.Lock()
	defer at(unlocked)
	defer c.mu.Unlock()
	// A drainer that was replaced no longer belongs to a queue. If it was not replaced,
	// the object has kept its queue for it.
	q := c.q
	if q == nil || q.drainer != w {
		return nil, false
	}
	q.summoned = false
	if testing.Testing() && q.overtaken != 0 {
		q.overtaken = 0
	}
	for {
		switch c.state.Load() {
		case queued:
			if first = q.only(); first != nil {
				c.state.Store(held)
				c.detach()
				return first, true
			}
			c.state.Store(held | queued)
			return c.next(), true
		case idle:
			c.detach()
			return nil, false
		case held:
			// A helping Do may be using the queue. This makes it call pass when it
			// leaves, and pass gives the queue back.
			if c.state.CompareAndSwap(held, held|queued) {
				return nil, false
			}
		default:
			return nil, false
		}
	}
}
