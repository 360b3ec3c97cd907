package room

import (
	"time"
)

// A Waiter is a goroutine that waits to be woken, once. It is made by that goroutine.
type Waiter struct {
	woken  chan struct{}
	bubble int32
}

// NewWaiter returns a Waiter for the calling goroutine.
func NewWaiter() *Waiter {
	return &Waiter{make(chan struct{}), bubble()}
}

// Wake ends the wait and returns true; it must not be called again after that. If the
// waiter is in a testing/synctest bubble and the caller is not, Wake does nothing and
// returns false: the runtime ends the process when a goroutine of a bubble is woken from
// outside.
func (w *Waiter) Wake() bool {
	if w.bubble != 0 && w.bubble != bubble() {
		return false
	}
	close(w.woken)
	return true
}

// Wait waits to be woken, and reports whether it was. If limit is positive, it waits
// for no longer than that.
func (w *Waiter) Wait(limit time.Duration) bool {
	if limit <= 0 {
		<-w.woken
		return true
	}
	// A timer that is stopped, and not time.After, so that a bubble can end.
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-w.woken:
		return true
	case <-timer.C:
		return false
	}
}
