package subject

import "sync"

// HandOff is a lock that is handed from each holder to the goroutine that has waited
// longest, with a sync.Cond: the least that keeps the order of those who wait.
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
		// A sync.Cond wakes nobody who was not signalled, and the first who came
		// first. Whoever signals leaves the lock held, for the one who wakes.
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
