package pipe

import "sync/atomic"

// A signal wakes the one goroutine that waits for a condition, which others make
// true. Nothing is sent while nobody waits.
type signal struct {
	waiting atomic.Bool
	c       chan struct{} // gets one token from the goroutine that swaps waiting to false
}

func newSignal() signal { return signal{c: make(chan struct{}, 1)} }

// notify is called after each change that may make the condition true. The waiter says
// that it waits before it looks. So either notify sees that it waits, or the waiter sees
// the change.
func (s *signal) notify() {
	if s.waiting.Load() && s.waiting.CompareAndSwap(true, false) {
		s.c <- struct{}{}
	}
}

// wait blocks until the condition holds. It calls watch before each time that it sleeps,
// and then the function that watch has returned.
func (s *signal) wait(condition func() bool, watch func() (end func())) {
	for !condition() {
		s.waiting.Store(true)
		if condition() && s.waiting.CompareAndSwap(true, false) {
			return
		}
		end := watch()
		<-s.c
		end()
	}
}
