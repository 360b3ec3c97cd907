package desync

import "time"

// The free mode.
//
// Calls that wait for an object at the same time overlap, and nobody can tell the
// order of calls that overlap. So while nothing else is queued the object may be taken by
// any of them, and by a newcomer, as a sync.Mutex may: to hand it from one waiter to the
// next would cost a change of goroutines for each call. Anything else that is queued, an
// Async for one, ends this mode until it is gone; see strict.
//
// The word is held or not, with waiting, and perhaps woken or starving. The waiters are
// in the queue's line.
//
//	held ───────── push ────────▶ held|waiting ◀───── retake fails ─────┐
//	 ▲                             │        ▲                            │
//	 │ passFree: nobody waits      │        │ retake, takeFree           │
//	 │ (idle)                      ▼        │                            │
//	 └─────────────── passFree: wakes the first: waiting|woken ──▶ held|waiting|woken
//	                                                    takeFree: somebody else comes
//
//   - F1  waiting is set and cleared only with mu locked. It may be set with nobody in
//     the line; then whoever leaves finds out, and gives back the queue.
//   - F2  Without held, woken is set: one waiter has been taken out of the line, and is
//     about to look at the word. It alone clears woken, or strict does for it.
//   - F3  held is cleared only by the holder: with mu locked if woken is clear, or
//     else by a swap.
//   - F4  starving is set only by a woken waiter that finds the object held, in the
//     swap that finds it held, and only with held. While it is set nobody takes a turn
//     but from the holder.
//
// Why no wake-up is lost. If the object becomes free between the look of a newcomer
// and its sleep: the newcomer sets waiting by a swap that finds the object held, and
// pushes itself with mu locked, so a holder that leaves later waits for mu and finds it
// in the line; or else woken is set, and the woken waiter is going to be the holder
// that finds it, or fails against another that will. Between the failure of a
// woken waiter and its return to the line: it clears woken in the swap that finds the
// object held, with mu locked, so that holder cannot leave before the waiter is in
// the line again. While an Async is appended: strict makes its swap with mu locked,
// and against a retake or a takeFree one of the two swaps comes first; see there. While
// a context ends: the waiter looks with mu locked where it is; see giveUp.

// takeFree takes the turn of an object that nobody holds and for which no more than
// waiters wait, and reports whether it did.
func (c *core) takeFree() bool {
	for {
		at(acquireSwap)
		s := c.state.Load()
		if s&(held|queued|starving) != 0 {
			return false
		}
		if c.state.CompareAndSwap(s, s|held) {
			return true
		}
	}
}

// leaveWoken gives up the turn if a woken waiter is about to look at the word, and reports
// whether it did: the commonest case where goroutines meet.
func (c *core) leaveWoken() bool {
	at(releaseSwap)
	return c.state.Load() == held|waiting|woken && c.state.CompareAndSwap(held|waiting|woken, waiting|woken)
}

// passFree gives up the turn in the free mode, and reports whether it did: not in the
// strict mode.
func (c *core) passFree() bool {
	for {
		at(releaseSwap)
		s := c.state.Load()
		if s&queued != 0 {
			return false
		}
		if s&woken != 0 {
			// F2: the woken waiter looks at the word after this swap, or finds it held
			// before, and is in the line again before anybody else leaves.
			if c.state.CompareAndSwap(s, s&^held) {
				return true
			}
			continue
		}
		at(passLock)
		c.mu.Lock()
		s = c.state.Load()
		left := c.q.out != nil // by a helping Do whose goroutine is ended by a job
		if left && s&waiting != 0 {
			c.strict()
		}
		if left || s&queued != 0 { // strict may have come before
			c.mu.Unlock()
			at(unlocked)
			return false
		}
		c.wakeFirst()
		c.mu.Unlock()
		at(unlocked)
		return true
	}
}

// wakeFirst gives up the turn with mu locked: to nobody if nobody waits, to the first
// waiter if starving is set, or else to whoever comes, with the first waiter woken.
func (c *core) wakeFirst() {
	// Without woken nobody else changes the word now: newcomers and strict need mu,
	// takeFree finds it held.
	l := &c.q.line
	w := l.first
	switch {
	case w == nil:
		c.state.Store(idle)
		c.detach()
	case c.state.Load()&starving == 0:
		l.remove(w)
		l.woken = w
		c.state.Store(waiting | woken)
		w.wake()
	default:
		l.remove(w)
		if l.first == nil {
			c.state.Store(held | waiting)
		}
		w.give()
	}
}

// retake is what a woken waiter does: it takes the turn, or goes back to the front of
// the line, or finds that it has a place among what is queued. It reports whether it
// has got the turn.
func (c *core) retake(w *waiter) bool {
	at(retakeSwap)
	for s := c.state.Load(); s&(held|woken) == woken; s = c.state.Load() {
		if c.state.CompareAndSwap(s, s&^woken|held) {
			return true
		}
	}
	at(retakeLock)
	c.mu.Lock()
	defer at(unlocked)
	defer c.mu.Unlock()
	for {
		at(retakeLook)
		s := c.state.Load()
		switch {
		case s&woken == 0:
			// strict has come before. The waiter has a place, and perhaps the turn.
			w.rest()
			return false
		case s&held == 0:
			if c.state.CompareAndSwap(s, s&^woken|held) {
				return true
			}
		default:
			next := s &^ woken
			if w.starves() {
				next |= starving
			}
			w.rest() // nobody else touches w before the swap
			if c.state.CompareAndSwap(s, next) {
				c.q.line.pushFront(w)
				return false
			}
			w.state.Store(roused)
		}
	}
}

// patience is how long a waiter lets itself be overtaken: the time is that of
// sync.Mutex. The number is for clocks that stand still, as in a synctest bubble.
const (
	patience   = time.Millisecond
	mostFailed = 1000
)

// starves notes that w has failed to get the turn, and reports whether it has waited for
// so long that from now on the turn goes from one waiter to the next.
func (w *waiter) starves() bool {
	w.failed++
	return w.failed > mostFailed || time.Since(w.began) > patience
}

// sated ends the starving if w, which has been granted the turn, has not waited long.
func (c *core) sated(w *waiter) {
	if c.state.Load()&starving != 0 && time.Since(w.began) < patience {
		c.state.And(^starving)
	}
}
