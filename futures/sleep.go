package futures

import (
	"sync"
	"sync/atomic"
)

// A sleeper is a goroutine in an Await that nothing but the settling can end. It
// sleeps on a sync.Cond, which allocates nothing and, unlike a channel, belongs to no
// synctest bubble, so that sleepers can be pooled.
//
// The sleeper is the Locker of its own Cond: Cond.Wait takes a ticket, calls Unlock,
// and sleeps until the ticket is signalled. Unlock is thus the place to say that a
// signal is needed from now on. Exactly one signal is sent for a ticket, and none
// without one, so that a pooled sleeper carries nothing over.
type sleeper struct {
	waiter waiter
	cond   sync.Cond
	state  atomic.Uint32
}

// The states of a sleeper.
const (
	awake  uint32 = iota // it has not gone to sleep
	asleep               // its ticket is taken: whoever wakes it has to signal
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
	s.watch(&w.waiter)
	for w.state.Load() != woken {
		w.cond.Wait()
	}
	// The settler's last access is the signal that ended the sleep, or the swap that
	// was seen.
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
