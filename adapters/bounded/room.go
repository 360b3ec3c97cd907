package bounded

import (
	"container/list"
	"context"
)

// A room is the room of a Bound. The book's mutex guards it.
type room struct {
	size, taken int64
	line        list.List // of *waiter, in the order of arrival
	most        int       // calls in the line; negative is no limit
}

// A waiter is a call that waits for room.
type waiter struct {
	ticket  *ticket
	settled chan struct{} // closed when err is set and the call is out of the line
	err     error
}

func (w *waiter) settle(err error) {
	w.err = err
	close(w.settled)
}

// enter takes room for a job or a permit and adds it to the book, or returns why not.
// Outside of jobs it waits for room.
func (b *Bound) enter(ctx context.Context, t *ticket) error {
	if ctx.Err() != nil {
		return notRun(ctx, "there was room")
	}
	if err := b.tryEnter(t); err != ErrFull {
		return err
	}
	if inJob() {
		return errFullInJob
	}
	done := ctx.Done() // no method of ctx is called while the call is in the line
	w := &waiter{ticket: t, settled: make(chan struct{})}
	b.mu.Lock()
	err := b.tryLocked(t) // again: there may be room by now, and nobody would tell
	if err != ErrFull || b.room.most >= 0 && b.room.line.Len() >= b.room.most {
		b.mu.Unlock()
		return err
	}
	place := b.room.line.PushBack(w)
	b.mu.Unlock()
	select {
	case <-w.settled:
		return w.err
	case <-done:
	}
	b.mu.Lock()
	select {
	case <-w.settled: // both at once
		b.mu.Unlock()
		return w.err
	default:
	}
	b.room.line.Remove(place)
	b.admit() // the next may need less
	b.mu.Unlock()
	return notRun(ctx, "there was room")
}

// tryEnter is enter without waiting.
func (b *Bound) tryEnter(t *ticket) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tryLocked(t)
}

func (b *Bound) tryLocked(t *ticket) error {
	switch r := &b.room; {
	case b.closed:
		return ErrClosed
	case t.weight > r.size:
		return ErrTooHeavy
	case r.line.Len() > 0 || r.taken+t.weight > r.size:
		return ErrFull
	}
	b.letIn(t)
	return nil
}

func (b *Bound) letIn(t *ticket) {
	b.room.taken += t.weight
	b.add(t)
}

// admit lets in the calls that there is room for, in order; the book is locked.
func (b *Bound) admit() {
	for e := b.room.line.Front(); e != nil; e = b.room.line.Front() {
		w := e.Value.(*waiter)
		if b.room.taken+w.ticket.weight > b.room.size {
			return
		}
		b.room.line.Remove(e)
		b.letIn(w.ticket)
		w.settle(nil)
	}
}

// refuse ends the waits of calls for which reason returns an error; the book is locked.
func (b *Bound) refuse(reason func(*ticket) error) {
	for e := b.room.line.Front(); e != nil; {
		w, next := e.Value.(*waiter), e.Next()
		if err := reason(w.ticket); err != nil {
			b.room.line.Remove(e)
			w.settle(err)
		}
		e = next
	}
}

// leave ends a ticket and gives its room back.
func (b *Bound) leave(t *ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remove(t)
	b.room.taken -= t.weight
	b.admit()
	b.announce()
}
