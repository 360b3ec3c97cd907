package desync

import (
	"sync"
	"sync/atomic"
	"time"
)

// The state machine of an object.
//
// The state word says whether somebody has the turn (held) and whether anything
// is queued (queued):
//
//	          acquire                   join, push
//	idle ──────────────────▶ held ──────────────────▶ held|queued ◀─┐
//	 ▲ ◀──────────────────── │                          │  │  │     │ grant: the
//	 │        release                                   │  │  └─────┘ next owner
//	 │                                                  │  │          is a waiter
//	 └──────────────────────────────────────────────────┘  │
//	 │               pass: the queue is empty              │
//	 │                                                     │ pass: the next job
//	 │ push                                                │ needs a goroutine
//	 ▼                                                     ▼
//	queued ◀────────────────────────────────────────────────
//	 │ start: the drainer takes the turn
//	 │ join:  a Do takes it and helps
//	 ▼
//	held|queued
//
// The holder is whoever moved the word to held, or was granted the object by the
// holder before it. It alone runs jobs, and it alone reads and writes the queue's
// out side; both go with the turn.
//
// What holds at every moment:
//
//   - S1  queued is set and cleared only with mu locked. It is set while an entry
//     is appended and cleared once both sides of the queue are seen empty, so
//     outside mu it says "an entry is or was just queued".
//   - S2  queued without held means that a drainer is on its way: whoever makes
//     that state calls summon before it unlocks mu.
//   - S3  a turn is taken without mu only from idle, so that nothing overtakes
//     what is queued.
//   - S4  c.q is not nil while something is queued or a drainer is on its way.
//
// Why no wake-up is lost at the idle edge, where the last job ends while another
// goroutine hands one over: the holder leaves by a swap of held for idle, and the
// newcomer announces its entry by a read-modify-write of the same word. One of
// the two comes first. If it is the leaving, the newcomer sees idle, and takes the
// turn or summons a drainer. If it is the announcement, the swap fails, the holder
// goes to pass, and pass gives the turn up only with mu locked and the queue
// empty; the newcomer holds mu from before its announcement until its entry is in
// the queue, so pass finds it.
const (
	idle   uint32 = 0
	held   uint32 = 1
	queued uint32 = 2
)

// core is the part of an object that does not depend on the type of its data.
type core struct {
	state atomic.Uint32
	// calls numbers the drainers that were summoned; guarded by mu. A drainer
	// whose number is not the last has been replaced and leaves.
	calls uint32
	mu    sync.Mutex // never held while a job runs
	q     *queue     // assigned under mu; see S4
	cfg   *config    // nil without options
}

// drainerTrust is how long a drainer that has not started yet counts as being on
// its way for work that it was not summoned for; see summon.
const drainerTrust = time.Second

// push queues a background job and reports whether the caller has to start the
// drainer of that number.
func (c *core) push(e any) (number uint32, start bool) {
	at(pushLock)
	c.mu.Lock()
	c.attach().append(e)
	if c.state.Load()&queued == 0 {
		at(pushAnnounce)
		// A holder that leaves just before this makes the word idle: then a
		// drainer is needed. One that leaves just after fails to, and waits
		// for mu in pass.
		if c.state.Or(queued) == idle {
			number, start = c.summon()
		}
	}
	c.mu.Unlock()
	at(unlocked)
	return number, start
}

// How a call that wants the turn has come in.
type entrance int

const (
	entered entrance = iota // it has the turn
	waiting                 // it is queued and will be granted the turn
	helping                 // it has the turn of those before it
)

// join takes the turn if the object is idle. If only background jobs are queued,
// and nobody has begun with them, it turns them over to the caller, who is to run
// what is on the out side and then has the turn itself: what comes later is on the
// in side. Otherwise it queues a waiter for the caller.
func (c *core) join() (e entrance, w *waiter) {
	at(joinLock)
	c.mu.Lock()
	e, w = c.joinLocked()
	c.mu.Unlock()
	at(unlocked)
	return e, w
}

func (c *core) joinLocked() (entrance, *waiter) {
	for {
		at(joinLook)
		switch s := c.state.Load(); s {
		case idle:
			if c.state.CompareAndSwap(idle, held) {
				c.detach()
				return entered, nil
			}
		case held:
			// The holder looks at c.q as soon as it sees queued. If it leaves
			// before that, the swap fails and idle is seen next.
			c.attach()
			if c.state.CompareAndSwap(held, held|queued) {
				return waiting, c.q.appendWaiter()
			}
		case queued:
			if c.q.out == nil && c.q.waiters == 0 {
				// The drainer is on its way and takes the turn under mu only.
				c.state.Store(held | queued)
				c.q.turnOver()
				c.q.turned++ // the place of the caller; see endHelp
				return helping, nil
			}
			return waiting, c.q.appendWaiter()
		default:
			return waiting, c.q.appendWaiter()
		}
	}
}

// pass gives up the turn when held could not be swapped for idle: to the next
// waiter; or, if a background job is next, to a drainer, and then the caller has
// to start the one of that number if start says so; or to nobody. It is called by
// the holder, which must not touch the object afterwards.
func (c *core) pass() (number uint32, start bool) {
	if watching {
		noteLeave(c)
	}
	switch e := c.front().(type) {
	case nil:
		return 0, false
	case *waiter:
		c.q.pop()
		e.grant()
		return 0, false
	}
	at(passLock)
	c.mu.Lock()
	// From here on the drainer or a helping Do may have the turn.
	c.state.Store(queued)
	number, start = c.summon()
	c.mu.Unlock()
	at(unlocked)
	return number, start
}

// front returns the next entry without removing it. If there is none it gives up
// the turn and returns nil. It is called by the holder.
func (c *core) front() any {
	if e := c.q.peek(); e != nil {
		return e
	}
	at(frontLock)
	c.mu.Lock()
	var e any
	if c.q.turnOver() {
		e = c.q.peek()
	} else {
		if watching {
			noteLeave(c)
		}
		// Both sides are empty and mu is locked: whoever comes next sees idle.
		c.state.Store(idle)
		c.detach()
	}
	c.mu.Unlock()
	at(unlocked)
	return e
}

// start is a drainer's first step: it reports whether the drainer has got the
// turn. Its work may have been done by others in the meantime.
func (c *core) start(number uint32) bool {
	at(startLock)
	c.mu.Lock()
	defer at(unlocked)
	defer c.mu.Unlock()
	if number != c.calls {
		return false
	}
	c.q.drainer = false
	switch s := c.state.Load(); {
	case s == queued:
		c.state.Store(held | queued)
		return true
	case s&queued == 0:
		c.detach()
	}
	return false
}

// summon sees to it that a drainer is on its way, and reports whether the caller
// has to start it. It is called with mu locked, the queue not empty and nobody
// holding the object.
//
// A drainer whose work was done by a helping Do is still on its way, and serves
// the next job just as well: without that, every Async that a Sync follows would
// pay for a goroutine of its own. But it must not be one that was started outside
// the synctest bubble of the caller: the job would run outside the bubble. The
// clock of a bubble is decades away from the one outside, so a drainer that seems
// to have been summoned in the future or long ago is left to find itself replaced.
func (c *core) summon() (number uint32, start bool) {
	if c.q.drainer {
		if age := time.Since(c.q.summoned); 0 <= age && age < drainerTrust {
			return 0, false
		}
	}
	c.calls++
	c.q.drainer = true
	c.q.summoned = time.Now()
	return c.calls, true
}

// attach returns the object's queue; mu is locked.
func (c *core) attach() *queue {
	if c.q == nil {
		c.q = queues.Get().(*queue)
	}
	return c.q
}

// detach gives the empty queue back, unless a drainer is on its way that will
// look for it; mu is locked.
func (c *core) detach() {
	if q := c.q; q != nil && !q.drainer {
		c.q = nil
		queues.Put(q)
	}
}

// pending counts the entries and the job that runs.
func (c *core) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	if c.q != nil {
		n = c.q.len()
	}
	if c.state.Load()&held != 0 {
		n++
	}
	return n
}
