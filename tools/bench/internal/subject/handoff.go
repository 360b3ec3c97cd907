package subject

import "sync"

// HandOff is a lock that each holder hands to the goroutine that has waited longest,
// with a sync.Cond. It is the simplest lock that keeps the order of the waiting
// goroutines.
type HandOff struct{}

// Name implements [Subject].
func (HandOff) Name() string { return "sync.Cond hand-off" }

// New implements [Subject].
func (HandOff) New() Object {
	l := new(handOff)
	l.turn.L = &l.mu
	return &lockObject[*handOff]{l: l}
}

// Lacks implements [Subject].
func (HandOff) Lacks() Reasons { return locks("Lock") }

type handOff struct {
	mu      sync.Mutex
	turn    sync.Cond
	held    bool
	waiting int
}

func (l *handOff) Lock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held {
		l.waiting++
		// A sync.Cond has no spurious wakeups, and wakes the goroutine that has
		// waited longest. The goroutine that signals leaves the lock held for it.
		l.turn.Wait()
	}
	l.held = true
}

func (l *handOff) Unlock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting > 0 {
		l.waiting--
		l.turn.Signal()
		return
	}
	l.held = false
}
