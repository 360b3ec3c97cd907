package desync

// A call that waits in the queue may be given up before its turn. Its entry lets go of
// all that it refers to at once, but keeps its place until the holder passes over it.
// Such places would pile up on an object that stays busy, so those of the in side are
// removed from time to time.
//
// The places of the out side stay, since the holder reads that side without a lock and
// may be in a job for hours. There are only as many as there were calls that waited at
// the same time, since the in side is compacted before it becomes the out side.

// abandon notes that the call of an entry was given up: the entry's method abandoned
// reports true. The entry must be in the queue, or have been there. If the holder has
// taken it meanwhile, or has it on the out side, the count is one too high, and the in
// side is compacted a little too early.
//
// Compacting takes time in proportion to the length of the in side, but happens only
// after half as many calls were given up. So on average, each such call pays for about
// two entries.
func (c *core) abandon() {
	at(abandonLock)
	c.mu.Lock()
	c.abandonLocked()
	c.mu.Unlock()
	at(unlocked)
}

func (c *core) abandonLocked() {
	c.abandoned++
	if c.q == nil {
		c.abandoned = 0
	} else if int(c.abandoned) > c.q.inside()/2+few {
		c.compact()
	}
}

// compact removes the entries of calls that were given up from the in side; mu is locked.
// The others keep their order. If none is left the state still says that something is
// queued, which is allowed (S1): the holder, or the drainer on its way, finds both sides
// empty and makes the object idle.
func (c *core) compact() {
	c.abandoned = 0
	q := c.q
	q.spill()
	if q.first == nil {
		return
	}
	to, n := q.first, 0
	for from := q.first; from != nil; from = from.next {
		for _, e := range from.entries[:from.n] {
			if a, ok := e.(abandoner); ok && a.abandoned() {
				switch e.(type) {
				case granter, place:
					q.granters--
				}
				if _, ok := e.(*waiter); ok {
					q.waiters--
				}
				continue
			}
			if n == len(to.entries) { // it is full, as it was
				to, n = to.next, 0
			}
			to.entries[n] = e // overwrites an entry that was read before, or e itself
			n++
		}
	}
	clear(to.entries[n:to.n])
	to.n = n
	rest := to.next
	to.next, q.last = nil, to
	for rest != nil {
		b := rest
		rest = b.next
		clear(b.entries[:b.n])
		b.next, b.n = nil, 0
		q.blocks--
		q.free(b)
	}
}

// refill removes the entries of calls that were given up, and then refills the out side.
// It looks at each entry at most once.
func (c *core) refill() bool {
	if c.abandoned > 0 {
		c.compact()
	}
	return c.q.refill()
}

// next takes the next entry, or returns nil if all were given up. It is called with mu locked
// by whoever takes the turn, so that nobody counts the entry beside a job that runs; the last
// holder may have left entries on the out side.
func (c *core) next() any {
	if c.q.out == nil && !c.refill() {
		return nil
	}
	return c.q.pop()
}

// giveUp is called by a waiter whose context has ended. It reports false if the waiter
// has got the turn instead. With mu locked, nobody else moves the waiter, except that the
// holder may be granting it the turn: the swap of the waiter's state decides which comes
// first.
func (c *core) giveUp(w *waiter) bool {
	at(giveUpLock)
	c.mu.Lock()
	defer at(unlocked)
	defer c.mu.Unlock()
	if w.inLine {
		c.q.line.remove(w)
		return true
	}
	for {
		s, was := c.state.Load(), w.state.Load()
		switch {
		case was == granted:
			return false
		case s&woken == 0 || c.q.line.woken != w: // it is in the queue
			if w.state.CompareAndSwap(was, gone) {
				c.abandonLocked()
				return true
			}
		// It is the woken waiter. The next one does what it would have done.
		case s&held != 0:
			if c.state.CompareAndSwap(s, s&^woken) {
				return true
			}
		case c.q.line.first != nil:
			next := c.q.line.first
			c.q.line.remove(next)
			c.q.line.woken = next
			next.wake()
			return true
		case c.state.CompareAndSwap(s, idle):
			c.detach()
			return true
		}
	}
}
