package desync

// strict ends the free mode: the waiters take places in the queue, in the order of the
// line. It is called with mu locked and waiting set.
func (c *core) strict() {
	q := c.q
	for {
		at(strictSwap)
		s := c.state.Load()
		switch {
		case s&woken == 0: // F2: it is held, and the holder cannot leave without mu
			c.state.Store(held | queued)
		case c.state.CompareAndSwap(s, held|queued):
			// The woken waiter comes first. If nobody holds the object, it gets the
			// turn now. Its own swap expects woken to be set, so it fails from here
			// on.
			if s&held == 0 {
				q.line.woken.give()
			} else {
				q.appendWaiter(q.line.woken)
			}
		default:
			continue
		}
		break
	}
	for w := q.line.first; w != nil; w = q.line.first {
		q.line.remove(w)
		q.appendWaiter(w)
	}
}

func (q *queue) appendWaiter(w *waiter) {
	q.appendGranter(w)
	q.waiters++
}

// onlyWaiters reports whether there are waiters on the in side and nothing else; mu is
// locked.
func (q *queue) onlyWaiters() bool {
	return q.waiters > 0 && int(q.waiters) == q.inside()
}

// lineUp moves the waiters of the in side to the line. It is called by the holder with
// mu locked.
func (q *queue) lineUp() {
	q.spill()
	for b := q.first; b != nil; {
		for _, e := range b.entries[:b.n] {
			q.line.push(e.(*waiter))
		}
		clear(b.entries[:b.n])
		next := b.next
		b.next, b.n = nil, 0
		if b != q.first {
			q.free(b)
		}
		b = next
	}
	q.fill(q.first)
	q.granters, q.waiters = 0, 0
}

// appendGranter adds g, a granter or a placeTask, to the in side; mu is locked.
func (q *queue) appendGranter(g any) {
	q.append(g)
	q.granters++
}
