package desync

import (
	"testing"
	"time"
)

// trust is for how long a drainer that was overtaken, and has not begun, still counts as
// being on its way; see summon.
const trust = time.Second

// summon makes sure that a drainer is on its way, and returns it if the caller must start
// it. It is called with mu locked, when the queue is not empty and nobody holds the
// object.
//
// A drainer is overtaken when a helping Do does its work. It is still on its way, and
// serves the next job. Otherwise every Async followed by a Sync would pay for a new
// goroutine. But it must not have been started outside the synctest bubble of the caller:
// the job would run outside the bubble. The clock of a bubble is decades away from the
// one outside. So if a drainer seems to have been overtaken in the future or long ago, it
// is replaced by a new one, and sees that when it begins. Bubbles exist only in programs
// that go test has built. Other programs do not read the clock, which takes a third of
// the time of an Async and a Sync.
func (c *core) summon() (start *drainer) {
	q := c.q
	if q.summoned {
		if !testing.Testing() {
			return nil
		}
		if age := time.Since(q.overtaken); 0 <= age && age < trust {
			return nil
		}
		q.drainer = newDrainer()
		q.overtaken = time.Time{}
	}
	q.summoned = true
	return q.drainer
}

// overtake notes that a helping Do does the work of a drainer that is on its way. The
// helper is in the same bubble as the caller that summoned the drainer, whose job it is
// going to run.
func (q *queue) overtake() {
	if testing.Testing() && q.overtaken.IsZero() {
		q.overtaken = time.Now()
	}
}

// begin is a drainer's first step: it reports whether it has got the turn. Its work
// may have been done by others in the meantime. If there is one entry and no more,
// begin returns it and gives back the queue.
func (c *core) begin(w *drainer) (first any, ok bool) {
	at(beginLock)
	c.mu.Lock()
	defer at(unlocked)
	defer c.mu.Unlock()
	// A drainer that was replaced belongs to no queue any more. If it was not, the object
	// has kept its queue for it.
	q := c.q
	if q == nil || q.drainer != w {
		return nil, false
	}
	q.summoned = false
	if testing.Testing() && !q.overtaken.IsZero() {
		q.overtaken = time.Time{}
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
			if q.out == nil { // or else the holder before has left something there
				c.refill()
			}
			return nil, true
		case idle:
			c.detach()
			return nil, false
		case held:
			// A helping Do may be using the queue. This makes it go to pass when
			// it leaves, which gives the queue back.
			if c.state.CompareAndSwap(held, held|queued) {
				return nil, false
			}
		default:
			return nil, false
		}
	}
}
