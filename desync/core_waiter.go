package desync

import (
	"sync"
	"sync/atomic"
	"time"
)

// A waiter is a goroutine in Do, Sync or a Context variant that waits for its turn. In
// Do and Sync it sleeps on a sync.Cond, which allocates nothing and, unlike a channel,
// belongs to no synctest bubble, so that waiters can be pooled.
//
// The waiter is the Locker of its own Cond: Cond.Wait takes a ticket, calls Unlock, and
// sleeps until the ticket is signaled. So Unlock is where the waiter says that it needs
// a signal from now on. Exactly one signal is sent for each ticket, and none without a
// ticket, so a pooled waiter carries nothing over. Its twin in package futures is
// sleep.go, where a sleeper is woken for one reason only.
type waiter struct {
	cond     sync.Cond
	state    atomic.Uint32
	signaled chan struct{} // in place of cond, where a context may end the wait

	// The place in the line; guarded by the object's mu. See core_free.go.
	inLine     bool
	prev, next *waiter

	// Of the goroutine that waits.
	began  time.Time // when it began to wait
	failed int       // how often it was woken in vain

	// behind is how many were in the line when it was woken. It may be woken once more while
	// it reads this: if strict has given it a place meanwhile, and its turn comes.
	behind atomic.Int32
}

// The states of a waiter.
const (
	awake   uint32 = iota // it has not gone to sleep
	parked                // it has a ticket: the goroutine that wakes it must signal
	roused                // it was woken, to try for the turn
	granted               // it has the turn
	gone                  // its context has ended; its place is still in the queue
)

var waiters = sync.Pool{New: func() any {
	w := new(waiter)
	w.cond.L = w
	return w
}}

func newWaiter() *waiter { return waiters.Get().(*waiter) }

// newContextWaiter returns a waiter whose wait ends when done is closed. If done is not
// nil, the waiter has a channel, and is not pooled: a channel belongs to the synctest
// bubble that it was made in.
func newContextWaiter(done <-chan struct{}) *waiter {
	if done == nil {
		return newWaiter()
	}
	w := &waiter{signaled: make(chan struct{}, 1)}
	w.state.Store(parked)
	return w
}

// free gives back a waiter that has got its turn. The goroutine that woke it no longer
// uses it: its last access was the signal, or the swap that the waiter saw.
func (w *waiter) free() {
	w.state.Store(awake)
	w.failed = 0
	waiters.Put(w)
}

func (w *waiter) abandoned() bool { return w.state.Load() == gone }

// rest makes w ready to be woken again.
func (w *waiter) rest() {
	again := awake
	if w.signaled != nil {
		again = parked
	}
	w.state.CompareAndSwap(roused, again)
}

func (w *waiter) grant() bool {
	at(grantSwap)
	for {
		s := w.state.Load()
		if s == gone {
			return false
		}
		if w.state.CompareAndSwap(s, granted) {
			if s == parked {
				w.signal()
			}
			return true
		}
	}
}

// wake makes w, which has been taken out of the line, try for the turn. It is called
// with mu locked, so that w cannot get the turn and be pooled meanwhile.
func (w *waiter) wake() {
	at(wakeSwap)
	if w.state.Swap(roused) == parked {
		w.signal()
	}
}

// give is grant for a waiter that has been taken out of the line; mu is locked.
func (w *waiter) give() {
	at(wakeSwap)
	if w.state.Swap(granted) == parked {
		w.signal()
	}
}

func (w *waiter) signal() {
	if w.signaled != nil {
		w.signaled <- struct{}{}
	} else {
		w.cond.Signal()
	}
}

// Lock does nothing; Cond.Wait calls it when the waiter wakes up.
func (w *waiter) Lock() {}

// Unlock is called by Cond.Wait once the ticket is taken. If the waiter was woken
// before, nobody else will signal.
func (w *waiter) Unlock() {
	at(parkSwap)
	if !w.state.CompareAndSwap(awake, parked) {
		w.cond.Signal()
	}
}
