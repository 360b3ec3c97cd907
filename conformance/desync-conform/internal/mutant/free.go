package mutant

import (
	"context"
	"slices"
	"time"
)

// Some faults need an implementation that lets those that wait overtake each other, as
// a sync.Mutex does. While nothing else is queued, whoever has the turn gives it to
// nobody, and wakes the first that waits. That one looks again, and goes back to the
// front if somebody else has come before it. After a millisecond it is given the turn.

// patience is how long a call lets itself be overtaken.
const patience = time.Millisecond

// letsOvertake reports whether the base is to work in this way.
func (f fault) letsOvertake() bool {
	return slices.Contains([]fault{freeBase, waiterStarves, newcomerOvertakesAsync, lostWhenOvertaken}, f)
}

// A waiter is the part of an entry that may be overtaken.
type waiter struct {
	token   chan struct{} // it has been woken, or given the turn
	began   time.Time
	granted bool
}

// free reports whether the turn may be left to whoever comes. With mu held.
func (o *object) free() bool {
	if !o.letsOvertake() || o.starving || o.queue.n == 0 {
		return false
	}
	if o.is(newcomerOvertakesAsync) {
		return (*o.queue.at(0)).waiter != nil
	}
	return o.queue.find(func(e *entry) bool { return e.waiter == nil }) < 0
}

// leave gives the turn to nobody, and wakes the first that waits, unless one is awake.
// With mu held.
func (o *object) leave() {
	o.busy = false
	if o.woken != nil {
		return
	}
	o.woken = o.queue.remove(0)
	o.woken.queued = false
	o.woken.waiter.token <- struct{}{}
}

// give gives the turn to one that waits. With mu held.
func (o *object) give(w *waiter) {
	w.granted = true
	if time.Since(w.began) < patience {
		o.starving = false
	}
}

// waitFree is wait for a call that may be overtaken.
func (o *object) waitFree(ctx context.Context, e *entry) (waited bool, err error) {
	w := &waiter{token: make(chan struct{}, 1), began: time.Now()}
	e.waiter, e.grant = w, func() { w.token <- struct{}{} }
	if err := ctx.Err(); err != nil {
		return false, err
	}
	o.mu.Lock()
	locked := true
	defer func() {
		if locked {
			o.mu.Unlock()
		}
	}()
	switch {
	case o.closed:
		return false, errClosed
	case o.enqueue(e):
		return false, nil
	}
	for {
		o.mu.Unlock()
		select {
		case <-w.token:
		case <-ctx.Done():
		}
		o.mu.Lock()
		switch {
		case w.granted:
		case e.queued: // its context has ended
			o.queue.remove(o.queue.find(func(other *entry) bool { return other == e }))
			return true, ctx.Err()
		case o.busy: // it has been woken, and somebody else has come before it
			if !o.is(lostWhenOvertaken) {
				o.woken = nil
			}
			if ctx.Err() != nil {
				return true, ctx.Err()
			}
			if !o.is(waiterStarves) && time.Since(w.began) > patience {
				o.starving = true
			}
			e.queued = true
			o.queue.pushFront(e)
			continue
		default:
			o.woken, o.busy = nil, true
		}
		o.mu.Unlock()
		locked = false
		return true, o.lastLook(ctx)
	}
}
