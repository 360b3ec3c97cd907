package desync

import "github.com/go-desync/go-desync/futures/waits"

// pass gives up the turn when held could not be swapped for idle. The turn goes to
// the next waiter; or to a drainer if a background job is next; or to nobody. If
// pass returns a drainer, the caller must start it. It is called by the holder,
// which must not touch the object afterwards.
func (c *core) pass() (start *drainer) {
	if watching {
		waits.Leave(c)
	}
	if c.passFree() {
		return nil
	}
	for {
		e := c.front()
		if e == nil {
			return nil
		}
		g, ok := e.(granter)
		if !ok {
			break
		}
		c.q.pop()
		if g.grant() {
			return nil
		}
	}
	at(passLock)
	c.mu.Lock()
	// From here on the drainer or a helping Do may have the turn.
	c.state.Store(queued)
	start = c.summon()
	c.mu.Unlock()
	at(unlocked)
	return start
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
	if c.abandoned > 0 {
		c.compact()
	}
	if c.q.onlyWaiters() {
		c.q.lineUp()
	}
	if c.q.refill() {
		e = c.q.peek()
	} else {
		if watching {
			waits.Leave(c)
		}
		c.wakeFirst() // both sides are empty and mu is locked
	}
	c.mu.Unlock()
	at(unlocked)
	return e
}
