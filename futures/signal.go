package futures

import (
	"sync"
	"sync/atomic"
)

// closedChan is the Done channel of every settled future. It is made while the
// package is initialized, outside any synctest bubble, so that all bubbles may
// receive from it.
var closedChan = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// A signal is the part of a future that does not depend on its type: whether it has
// settled, and whom to tell. It goes from pending to settled once:
//
//	pending --claim, (result is written), announce--> settled
//
// The zero signal is pending.
type signal struct {
	// settled is set under mu, after the result has been written. A load that
	// sees true makes the result readable without mu, for good.
	settled atomic.Bool

	mu      sync.Mutex
	bubble  int32         // the synctest bubble that done was made in, or 0; guarded by mu
	done    chan struct{} // made on demand, only while pending; guarded by mu
	waiters *waiter       // first of a ring in order of arrival; guarded by mu
}

// looking is passed in place of an index by a wait that is about to give up because its
// context has ended. It asks whether the context of the work has ended too.
const looking = -1

// A waiter is told once that a signal has settled. The signal guards the fields
// gone, prev and next until it settles; afterwards the settler owns the links.
type waiter struct {
	on    func(index int) // must not block: it runs inside the settler's call
	index int
	gone  bool // taken back by unregister: on will never run
	looks bool // on is also called with looking, when a wait is about to give up

	prev, next *waiter
}

// claim reports whether s is pending, and if so returns with s.mu held: the
// caller writes the result and then calls announce.
func (s *signal) claim() bool {
	if s.settled.Load() {
		return false
	}
	s.mu.Lock()
	if s.settled.Load() {
		s.mu.Unlock()
		return false
	}
	return true
}

// claimWith is claim on behalf of a waiter: it also returns false if the waiter was taken
// back.
func (s *signal) claimWith(w *waiter) bool {
	if !s.claim() {
		return false
	}
	if w.gone {
		s.mu.Unlock()
		return false
	}
	return true
}

// announce ends what claim began. Nobody is told while mu is held.
func (s *signal) announce() {
	s.settled.Store(true)
	done, of, first := s.done, s.bubble, s.waiters
	s.done, s.waiters = nil, nil
	s.mu.Unlock()

	// A channel of a bubble must not be closed outside of it. It need not be: if the
	// bubble is over, nobody waits for the future there any more.
	if done != nil && (of == 0 || of == bubble()) {
		close(done)
	}
	if first == nil {
		return
	}
	first.prev.next = nil
	first.tell()
}

// tell calls the function on of w and of all waiters behind it. It calls all of them even
// if one does not return, which a context with methods of the user's may cause.
func (w *waiter) tell() {
	defer func() {
		if w != nil {
			w.tell()
		}
	}()
	for w != nil {
		told := w
		w = w.next
		told.prev, told.next = nil, nil
		told.on(told.index)
	}
}

// wait returns a channel that is closed when s has settled.
func (s *signal) wait() <-chan struct{} {
	if s.settled.Load() {
		return closedChan
	}
	here := bubble()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled.Load() {
		return closedChan
	}
	if s.done != nil && s.bubble != here {
		if outside := s.done; s.bubble == 0 { // goroutines that wait outside are told all the same
			s.add(&waiter{on: func(int) { close(outside) }})
		}
		s.done = nil
	}
	if s.done == nil {
		s.done, s.bubble = make(chan struct{}), here
	}
	return s.done
}

// register arranges that w.on is called once: by the settler, or at once if s has settled.
// It does nothing if unregister took w back before.
func (s *signal) register(w *waiter) {
	s.mu.Lock()
	if w.gone {
		s.mu.Unlock()
		return
	}
	if s.settled.Load() {
		s.mu.Unlock()
		w.on(w.index)
		return
	}
	s.add(w)
	s.mu.Unlock()
}

// add puts w at the end of the ring; mu is locked and s is pending.
func (s *signal) add(w *waiter) {
	first := s.waiters
	if first == nil {
		w.prev, w.next = w, w
		s.waiters = w
		return
	}
	last := first.prev
	w.prev, w.next = last, first
	last.next, first.prev = w, w
	if w.looks {
		s.waiters = w // these come first, where look finds them
	}
}

// look calls the waiters whose looks is set. They may settle s.
func (s *signal) look() {
	s.mu.Lock()
	var asked []*waiter
	for w := s.waiters; w != nil && w.looks; {
		asked = append(asked, w)
		if w = w.next; w == s.waiters {
			break
		}
	}
	s.mu.Unlock()
	for _, w := range asked {
		w.on(looking)
	}
}

// unregister takes w back, before or after the call of register, and reports whether it
// did. If so, w.on has not run and never will. Otherwise s has settled, and w.on has run
// or is about to, or w was taken back before.
func (s *signal) unregister(w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.gone || s.settled.Load() {
		return false
	}
	w.gone = true
	if w.next == nil {
		return true // not yet registered
	}
	if w.next == w {
		s.waiters = nil
	} else {
		w.prev.next, w.next.prev = w.next, w.prev
		if s.waiters == w {
			s.waiters = w.next
		}
	}
	w.prev, w.next = nil, nil
	return true
}
