package desync

import "github.com/go-desync/go-desync/futures/waits"

// place takes the turn for g, a granter or a placeTask, if the object is idle, and reports
// whether it did; otherwise it queues g. If the wait would close a ring, place does not queue
// g and returns the ring. The wait is nil in builds that do not watch waits. It begins with mu
// locked, so that nobody takes a place between the beginning of the wait and g.
func (c *core) place(g any, wait *waits.Waiting) (taken bool, ring func() []waits.Wait) {
	at(joinLock)
	c.mu.Lock()
	taken, ring = c.placeLocked(g, wait)
	c.mu.Unlock()
	at(unlocked)
	return taken, ring
}

func (c *core) placeLocked(g any, wait *waits.Waiting) (taken bool, ring func() []waits.Wait) {
	w, free := g.(*waiter)
	for {
		at(joinLook)
		s := c.state.Load()
		if s == idle {
			if c.state.CompareAndSwap(idle, held) {
				c.detach()
				return true, nil
			}
			continue
		}
		if free && s&(held|queued) == 0 {
			if c.state.CompareAndSwap(s, s|held) {
				return true, nil
			}
			continue
		}
		if watching && wait != nil {
			if ring := wait.Begin(); ring != nil {
				return false, ring
			}
		}
		switch {
		case s&queued != 0:
		case free:
			// The holder looks at c.q when it sees waiting. If it leaves before that,
			// the swap fails, and the object is seen free next.
			c.attach()
			if s&waiting == 0 && !c.state.CompareAndSwap(s, s|waiting) {
				continue
			}
			c.q.line.push(w)
			return false, nil
		case s&waiting != 0:
			c.strict()
		default:
			// The holder looks at c.q as soon as it sees queued. If it leaves
			// before that, the swap fails and idle is seen next.
			c.attach()
			if !c.state.CompareAndSwap(held, held|queued) {
				continue
			}
		}
		if free {
			c.q.appendWaiter(w)
		} else {
			c.q.appendGranter(g)
		}
		return false, nil
	}
}

// How a Do has come in.
type entrance int

const (
	entered  entrance = iota // it has the turn
	mustWait                 // it has a place, and has to wait for the turn
	helping                  // it has the turn of the jobs before it
)

// join is place for a Do. If only background jobs are queued, and nobody has begun to
// run them, it leaves them to the caller. The caller runs first, if that is not nil, and all
// that is on the out side, and then has the turn for its own job: what is queued later is
// on the in side.
func (c *core) join(wait *waits.Waiting) (e entrance, first any, w *waiter, ring func() []waits.Wait) {
	at(joinLock)
	c.mu.Lock()
	// queued alone is stable: the drainer on its way takes the turn under mu.
	if c.state.Load() == queued && c.q.out == nil && c.q.granters == 0 {
		c.state.Store(held)
		c.q.overtake()
		if first = c.q.only(); first == nil {
			first = c.next()
		}
		c.q.moved++ // the place of the caller; see endHelp
		e = helping
	} else {
		var taken bool
		w = newWaiter()
		taken, ring = c.placeLocked(w, wait)
		switch {
		case taken:
			e = entered
		case ring == nil:
			e = mustWait
		}
		if e != mustWait {
			w.free()
			w = nil
		}
	}
	c.mu.Unlock()
	at(unlocked)
	return e, first, w, ring
}
