package desync

import "time"

// wait returns when the waiter has got the turn of c. c is nil if the waiter is never
// in the free mode's line.
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
// first; the waiter then has neither the turn nor a place.
//
// The waiter is parked when it comes here, so every wake and every grant sends a
// signal. Each signal must be received. One that was left over would later make the
// waiter believe that it was woken when another waiter was.
func (w *waiter) waitContext(done <-chan struct{}, c *core) bool {
	w.began = time.Now()
	for {
		at(waitLook)
		select {
		case <-w.signaled:
		case <-done:
			switch {
			case w.state.Load() != parked:
				<-w.signaled // both happened: go on as if done had been closed later
			case c.giveUp(w):
				return false
			}
		}
		at(waitEnd)
		if w.state.Load() != granted && c.retake(w) {
			return true
		}
		if w.state.Load() == granted { // perhaps while it was roused: then there was no signal
			c.sated(w)
			return true
		}
	}
}
