package desync

import (
	"testing"

	"github.com/go-desync/go-desync/futures/waits"
)

// Most calls wait for their turn and find the key idle. Such a call has no pin: it takes the
// turn of the object instead, by the swap that it needs anyway. That keeps the entry as a pin
// does:
//
//   - P1 Only the holder of the object changes pins from zero to removed. So a call that
//     has got the turn either finds that the entry is removed, and leaves it for another
//     look-up, or the entry is not removed as long as the call has the turn.
//   - P2 Whoever brings pins to zero sees to it that the removal is tried after that: he
//     does it himself if he has the turn or can take it, and otherwise leaves it to a task
//     in the queue. A call without a pin is never the one: it takes none away, nor a value.

// take returns the entry of key with the turn of its object, if that is idle. Otherwise, or
// if pin would panic, it returns nil.
//
// Here and in leave, calls of methods are written out: the compiler does not inline them.
func (m *Map[K, T]) take(key K) *entry[K, T] {
	if m == nil || m.newValue == nil || key != key {
		return nil
	}
	if testing.Testing() {
		m.evictor.enter(m)
	}
	e := m.entries.find(key)
	if e == nil || e.core.cfg.observed() || !e.core.take() {
		return nil
	}
	if watching {
		waits.Hold(object(e.object()))
	}
	at(takenLook)
	if e.data.pins.Load() == removed {
		e.object().release()
		return nil
	}
	return e
}

// leave ends the use of a call that has the turn by take.
func (e *entry[K, T]) leave() {
	e.use()
	if !e.core.leave() {
		e.object().releaseSlow()
	}
}

// removeInTurn removes e if nobody needs it. The caller has the turn.
func (e *entry[K, T]) removeInTurn() {
	at(removeSwap)
	if e.data.pins.CompareAndSwap(0, removed) {
		m := e.data.m
		m.count.Add(-1)
		at(removeEntry)
		m.entries.remove(e)
	}
}

// removeLater is removeInTurn for a caller that has not got the turn, or does not know.
func (e *entry[K, T]) removeLater() {
	if !e.core.take() {
		e.object().start(e.core.push((*departure[K, T])(e)))
		return
	}
	if watching {
		waits.Hold(object(e.object()))
	}
	e.removeInTurn()
	e.object().release()
}

// A departure is an entry in its own queue, where it removes itself if nobody needs it. It is
// not a job, so observers are not told of it.
type departure[K comparable, T any] entry[K, T]

func (r *departure[K, T]) run(*Desync[slot[K, T]], bool) bool {
	(*entry[K, T])(r).removeInTurn()
	return true
}
