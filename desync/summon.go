package desync

import (
	"testing"
	"time"
)

// A drainer is a goroutine that runs the jobs of a busy object, or one that is on its
// way. What it is made of stays with a queue, and serves whatever object has the queue.
type drainer struct {
	object server // assigned before the goroutine is started, cleared by it
	start  func() // w.run: a go statement with it allocates nothing
}

// A server is a *Desync[T], whatever T is.
type server interface {
	serve(w *drainer)
}

func newDrainer() *drainer {
	w := new(drainer)
	w.start = w.run
	return w
}

func (w *drainer) run() {
	object := w.object
	w.object = nil // the queue may go to the pool, and w with it
	object.serve(w)
}

// trust is how long after it was first overtaken a drainer that has not begun yet
// counts as being on its way for other work; see summon.
const trust = time.Second

// summon sees to it that a drainer is on its way, and returns it if the caller has to
// start it. It is called with mu locked, the queue not empty and nobody holding the
// object.
//
// A drainer whose work was done by a helping Do is still on its way, and serves
// the next job just as well: without that, every Async that a Sync follows would
// pay for a goroutine of its own. But it must not be one that was started outside
// the synctest bubble of the caller: the job would run outside the bubble. The
// clock of a bubble is decades away from the one outside, so a drainer that seems
// to have been overtaken in the future or long ago is left to find itself replaced.
// Bubbles are there only in programs that go test has built. Others are spared the
// clock, which takes as long as a third of an Async and a Sync.
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
// helper is in the bubble of the one that summoned it, whose job it is going to run.
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
	// A drainer that was replaced belongs to no queue any more. One that was not has
	// kept the object from giving back its queue.
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
				c.turnOver()
			}
			return nil, true
		case idle:
			c.detach()
			return nil, false
		case held:
			// A helping Do may be using the queue. Have it go to pass when it
			// leaves, and give the queue back there.
			if c.state.CompareAndSwap(held, held|queued) {
				return nil, false
			}
		default:
			return nil, false
		}
	}
}
