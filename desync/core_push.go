package desync

// push queues a background job. If it returns a drainer, the caller must start it.
func (c *core) push(e any) (start *drainer) {
	at(pushLock)
	if !c.mu.TryLock() { // see Async
		c.mu.Lock()
	}
	return c.pushUnlock(e)
}

// pushUnlock is push when mu is locked already. It unlocks it.
func (c *core) pushUnlock(e any) (start *drainer) {
	if c.state.Load()&waiting != 0 {
		c.strict()
	}
	// append, written out: this is the hot path.
	if b := c.attach().last; b != nil && b.n < len(b.entries) {
		b.entries[b.n] = e
		b.n++
	} else {
		c.q.append(e)
	}
	if c.state.Load()&queued == 0 {
		start = c.announce()
	}
	c.mu.Unlock()
	at(unlocked)
	return start
}

// pushStaying is push for a job that may give up the turn and get it back later. A
// helping Do could not wait for that.
func (c *core) pushStaying(e any) (start *drainer) {
	at(pushLock)
	c.mu.Lock()
	c.attach().granters++
	return c.pushUnlock(e)
}

// announce sets queued for an entry that was appended, and makes sure that it will be run.
// If the holder leaves just before, the word is idle and a drainer is needed. If it tries
// to leave just after, it fails, and waits for mu in pass.
func (c *core) announce() (start *drainer) {
	at(pushAnnounce)
	if c.state.Or(queued) != idle {
		return nil
	}
	return c.summon()
}
