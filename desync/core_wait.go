package desync

import "time"

// wait returns when the waiter has got the turn of c; c is nil for one that is only
// granted.
func (w *waiter) wait(c *core) {
	w.began = time.Now()
	for {
		at(waitLook)
		for w.state.Load() <= parked {
			w.cond.Wait()
		}
		at(waitEnd)
		if w.state.Load() == granted {
			if c != nil {
				c.sated(w)
			}
			return
		}
		if c.retake(w) {
			return
		}
	}
}

// waitContext is wait for a waiter with a channel. It reports false if done was closed
// first: then the waiter has neither the turn nor a place any more.
//
// The waiter is parked when it comes here, so whoever wakes it or grants it the turn
// sends a signal. Each signal is received: one that was left over would make the waiter
// believe later that it was woken, when another one was.
func (w *waiter) waitContext(done <-chan struct{}, c *core) bool {
	w.began = time.Now()
	for {
		at(waitLook)
		select {
		case <-w.signaled:
		case <-done:
			switch {
			case w.state.Load() != parked:
				<-w.signaled // both at once: go on as if done had been closed later
			case c.giveUp(w):
				return false
			}
		}
		at(waitEnd)
		if w.state.Load() != granted && c.retake(w) {
			return true
		}
		if w.state.Load() == granted { // also while it was roused, without a signal
			c.sated(w)
			return true
		}
	}
}
