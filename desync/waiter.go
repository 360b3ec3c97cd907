package desync

import (
	"sync"
	"sync/atomic"
)

// A granter is an entry that is given the turn and uses it elsewhere: on the
// goroutine that waits for it, or on none until somebody says so.
type granter interface {
	// grant hands over the turn. It reports false if nobody wants it any more;
	// the caller then still has it. Otherwise the caller must not touch the
	// object afterwards.
	grant() bool
}

// A waiter is a goroutine in Do or Sync that waits for its turn. It sleeps on a
// sync.Cond, which allocates nothing and, unlike a channel, belongs to no
// synctest bubble, so that waiters can be pooled.
//
// The waiter is the Locker of its own Cond: Cond.Wait takes a ticket, calls
// Unlock, and sleeps until the ticket is signalled. Unlock is thus the place to
// say that a signal is needed from now on. Exactly one signal is sent for a
// ticket, and none without one, so that a pooled waiter carries nothing over.
type waiter struct {
	cond  sync.Cond
	state atomic.Uint32
}

// The states of a waiter.
const (
	awake   uint32 = iota // it has not gone to sleep
	parked                // its ticket is taken: whoever grants has to signal
	granted               // it has the turn
)

var waiters = sync.Pool{New: func() any {
	w := new(waiter)
	w.cond.L = w
	return w
}}

func newWaiter() *waiter { return waiters.Get().(*waiter) }

// free gives back a waiter that has been granted its turn: the granter's last
// access is the signal that woke it, or the swap that it saw.
func (w *waiter) free() {
	w.state.Store(awake)
	waiters.Put(w)
}

// wait returns when the turn has been granted.
func (w *waiter) wait() {
	at(waitLook)
	for w.state.Load() != granted {
		w.cond.Wait()
	}
	at(waitEnd)
}

func (w *waiter) grant() bool {
	at(grantSwap)
	if w.state.Swap(granted) == parked {
		w.cond.Signal()
	}
	return true
}

// Lock does nothing; Cond.Wait calls it when the waiter wakes up.
func (w *waiter) Lock() {}

// Unlock is called by Cond.Wait once the ticket is taken. If the turn was granted
// before, nobody else will signal.
func (w *waiter) Unlock() {
	at(parkSwap)
	if !w.state.CompareAndSwap(awake, parked) {
		w.cond.Signal()
	}
}
