package desync

import "time"

// drainerTrust is how long a drainer that has not started yet counts as being on
// its way for work that it was not summoned for; see summon.
const drainerTrust = time.Second

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
	for {
		switch c.state.Load() {
		case queued:
			c.state.Store(held | queued)
			return true
		case idle:
			c.detach()
			return false
		case held:
			// A helping Do may be using the queue. Have it go to pass when it
			// leaves, and give the queue back there.
			if c.state.CompareAndSwap(held, held|queued) {
				return false
			}
		default:
			return false
		}
	}
}
