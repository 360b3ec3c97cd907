package desync

import (
	"runtime"
	"time"

	"github.com/go-desync/go-desync/futures/waits"
)

// The free mode.
//
// Calls that wait for an object at the same time overlap, and overlapping calls have no
// order that anybody could observe. So while nothing else is queued, any of them may take
// the object, and so may a newcomer, as with a sync.Mutex. Handing it from one waiter to
// the next would cost a switch of goroutines for each call. When anything else is queued,
// such as the job of an Async, this mode ends until that is gone; see strict.
//
// In this mode waiting is set; held, woken and starving may be. The waiters are in the
// queue's line.
//
//	held ───────── push ────────▶ held|waiting ◀───── retake fails ─────┐
//	 ▲                             │        ▲                            │
//	 │ passFree: nobody waits      │        │ retake, takeFree           │
//	 │ (idle)                      ▼        │                            │
//	 └─────────────── passFree: wakes the first: waiting|woken ──▶ held|waiting|woken
//	                                                    takeFree: somebody else comes
//
//   - F1 waiting is set and cleared only with mu locked. It may be set with nobody in the
//     line; a holder that leaves finds that out and gives back the queue.
//   - F2 If held is clear, woken is set: one waiter has been taken out of the line, and
//     is about to look at the word. Only that waiter clears woken, or strict does it in
//     its place.
//   - F3 held is cleared only by the holder: with mu locked if woken is clear, otherwise
//     by a swap.
//   - F4 starving is set only by a woken waiter, in the same swap in which it finds the
//     object held, or takes it. While it is set, held is set too, and a turn is only granted
//     by the holder.
//
// Why no wake-up is lost:
//
// If the object becomes free between the moment when a newcomer looks at it and the
// moment when it sleeps: the newcomer sets waiting by a swap that finds the object held,
// and enters the line with mu locked. So a holder that leaves later waits for mu and
// finds it in the line. If instead woken is set, the woken waiter becomes the holder that
// finds it, or another goroutine takes the turn before it and does.
//
// If the object becomes free between the failure of a woken waiter and its return to the
// line: the waiter clears woken in the swap that finds the object held, with mu locked.
// So the holder cannot leave before the waiter is in the line again.
//
// While a job is appended: strict makes its swap with mu locked. If a retake or a
// takeFree is at work, one of the two swaps comes first; see there.
//
// While a context ends: the waiter finds out where it is with mu locked; see giveUp.

// takeFree takes the turn of an object that nobody holds and that only waiters wait for,
// and reports whether it did.
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
//
// The woken waiter may stand behind the caller on the same processor, and look at the word
// only when the caller's slice of time ends, after 10 ms and thousands of calls; those
// behind it wait as long. So the caller yields now and then.
func (c *core) leaveWoken() bool {
	if watching {
		waits.Leave(c)
	}
	at(releaseSwap)
	if c.state.Load() != held|waiting|woken {
		return false
	}
	// S4, F2: while woken is set the queue stays. It was set before the caller got the turn.
	l := &c.q.line
	l.passes--
	long := l.passes <= 0
	if long {
		l.passes = mostPasses
	}
	if !c.state.CompareAndSwap(held|waiting|woken, waiting|woken) {
		return false
	}
	if long {
		runtime.Gosched()
	}
	return true
}

// passFree gives up the turn if the object is in the free mode, and reports whether it
// did.
func (c *core) passFree() bool {
	for {
		at(releaseSwap)
		s := c.state.Load()
		if s&queued != 0 {
			return false
		}
		if s&woken != 0 {
			// F2: either the woken waiter looks at the word after this swap, or it has
			// found the object held, and is in the line again before the next holder
			// leaves.
			if c.state.CompareAndSwap(s, s&^held) {
				return true
			}
			continue
		}
		at(passLock)
		c.mu.Lock()
		s = c.state.Load()
		left := c.q.out != nil // left over by a helping Do: a job has ended its goroutine
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

// wakeFirst gives up the turn with mu locked. If nobody waits, the object is idle; if
// starving is set, the first waiter gets the turn. Otherwise the turn is free for
// anybody, and the first waiter is woken.
func (c *core) wakeFirst() {
	// If woken is clear, nobody else changes the word now: newcomers and strict need mu,
	// and takeFree finds the object held.
	l := &c.q.line
	w := l.first
	switch {
	case w == nil:
		c.state.Store(idle)
		c.detach()
	case c.state.Load()&starving == 0:
		l.remove(w)
		l.woken = w
		l.passes = max(mostPasses, passesPer*l.n)
		w.behind.Store(int32(l.n))
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

// retake is called by a woken waiter. It takes the turn, or goes back to the front of the
// line, or finds that strict has given the waiter a place in the queue. It reports
// whether the waiter has got the turn.
func (c *core) retake(w *waiter) bool {
	at(retakeSwap)
	late := w.late()
	for s := c.state.Load(); s&(held|woken) == woken; s = c.state.Load() {
		if c.state.CompareAndSwap(s, s&^woken|held|late) {
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
			// strict came first. The waiter has a place in the queue, and perhaps the
			// turn.
			w.rest()
			return false
		case s&held == 0:
			if c.state.CompareAndSwap(s, s&^woken|held|late) {
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

// patience is how long a waiter lets itself be overtaken; the time is the one of
// sync.Mutex. The number of failures is for clocks that stand still, as in a synctest
// bubble.
const (
	patience   = time.Millisecond
	mostFailed = 1000
	perBehind  = 20 * time.Microsecond // see late
	mostPasses = 512                   // see leaveWoken; of empty jobs, about 40 µs
	passesPer  = 8                     // waiter in the line: with many, yielding costs more than it gives
)

// starves notes that w has failed to get the turn, and reports whether it has waited so
// long that the turn must go from one waiter to the next from now on.
func (w *waiter) starves() bool {
	w.failed++
	return w.failed > mostFailed || time.Since(w.began) > patience
}

// late returns starving if w, which may get the turn now, has waited for so long that those
// behind it have waited for long, too. Without this they would wait until one of them fails:
// beside 64 goroutines that call again at once, for four times as long. Handing the turn to
// each of many costs time, so with many it is done more seldom.
func (w *waiter) late() uint32 {
	if time.Since(w.began) > patience+time.Duration(w.behind.Load())*perBehind {
		return starving
	}
	return 0
}

// sated ends the starving if w, which has been granted the turn, has not waited long.
func (c *core) sated(w *waiter) {
	if c.state.Load()&starving != 0 && time.Since(w.began) < patience {
		c.state.And(^starving)
	}
}
