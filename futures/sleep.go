package futures

import (
	"sync"
	"sync/atomic"
)

// A sleeper is a goroutine in an Await whose context cannot end. It sleeps on a
// sync.Cond, which allocates nothing and, unlike a channel, belongs to no synctest
// bubble, so that sleepers can be pooled.
//
// The sleeper is the Locker of its own Cond: Cond.Wait takes a ticket, calls Unlock,
// and sleeps until the ticket is signaled. So Unlock is where the sleeper says that it
// needs a signal from now on. Exactly one signal is sent for each ticket, and none
// without a ticket, so a pooled sleeper carries nothing over. Its twin in package
// desync is core_waiter.go, where a waiter may also be woken in vain.
type sleeper struct {
	waiter waiter
	cond   sync.Cond
	state  atomic.Uint32
}

// The states of a sleeper.
const (
	awake  uint32 = iota // it has not gone to sleep
	asleep               // it has a ticket: the goroutine that wakes it must signal
	woken                // the signal has settled
)

var sleepers = sync.Pool{New: func() any {
	w := new(sleeper)
	w.cond.L = w
	w.waiter.on = w.wake
	return w
}}

// sleep returns when s has settled.
func (s *signal) sleep() {
	w := sleepers.Get().(*sleeper)
	s.register(&w.waiter)
	for w.state.Load() != woken {
		w.cond.Wait()
	}
	// The goroutine that settled s no longer uses w: its last access was the signal,
	// or the swap that w saw.
	w.state.Store(awake)
	sleepers.Put(w)
}

func (w *sleeper) wake(int) {
	if w.state.Swap(woken) == asleep {
		w.cond.Signal()
	}
}

// Lock does nothing; Cond.Wait calls it when the sleeper wakes up.
func (w *sleeper) Lock() {}

// Unlock is called by Cond.Wait once the ticket is taken. If the sleeper was woken
// before, nobody else will signal.
func (w *sleeper) Unlock() {
	if !w.state.CompareAndSwap(awake, asleep) {
		w.cond.Signal()
	}
}
