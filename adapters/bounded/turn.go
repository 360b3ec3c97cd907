package bounded

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// A turn is a place in the queue of an object, in which the first job of a lane begins.
type turn[T any] struct {
	l      *Limit
	lane   *lane
	coming *coming
	given  any // the function that it was queued for; it may run another of the lane
	entry  *entry
	run    bool // Run was called
}

// background hands over e, a job in the background. given is what the user has given.
func background[T any](l *Limit, d desync.Object[T], e *entry, job func(context.Context, *T), given any) error {
	e.run = job
	if err := accept(l, d, e, given); err != nil {
		return err
	}
	queued := false
	defer func() {
		if !queued { // an observer of the object panicked
			l.withdraw(e)
		}
	}()
	stop := d.Submit(&turn[T]{l: l, lane: e.lane, coming: new(coming), given: given})
	queued = true
	l.queued(&e.ticket, stop)
	return nil
}

// accept adds e to the book and to its lane, or returns why not.
func accept[T any](l *Limit, d desync.Object[T], e *entry, given any) error {
	d.Pending() // panics if d is a key that cannot be found again
	e.object, e.given, e.entry = d, given, e
	l.mu.Lock()
	if e.outer != nil && e.outer.over {
		e.outer = nil // the context is used for longer than it may be
	}
	switch {
	case e.outer.holds(d):
		l.mu.Unlock()
		return &desync.DeadlockError{Ring: []waits.Wait{{Object: d.String()}}}
	case l.closed && e.outer == nil:
		l.mu.Unlock()
		return ErrClosed
	}
	ln := l.of[d]
	if ln == nil {
		ln = &lane{object: d}
		ln.submit = func(c *coming) { d.Submit(&turn[T]{l: l, lane: ln, coming: c}) }
		ln.ahead = func() bool { return d.Pending() > 1 }
	}
	l.add(&e.ticket)
	l.append(e, ln)
	again := l.kick(ln) // what is before e may run in the place of e.outer
	l.mu.Unlock()
	l.queueAgain(again)
	return nil
}

// Run begins the first job of the lane.
func (t *turn[T]) Run(data *T) {
	t.run = true
	if t.entry = t.l.beginFirst(t.lane, t.coming); t.entry == nil {
		return
	}
	e := t.entry
	job := e.run.(func(context.Context, *T))
	job(e.context(e.ctx), data)
}

// Func is for observers of the object.
func (t *turn[T]) Func() any { return t.given }

// Ended is also called if the value of a key could not be made. The first job in the
// background has not run then and never will.
func (t *turn[T]) Ended(err error) {
	switch {
	case t.entry != nil:
		defer t.l.end(t.entry)
		if t.entry.told != nil {
			t.entry.told(err)
		}
	case !t.run:
		t.l.beginNone(t.coming)
		told, dropped := t.l.dropFirst(t.lane)
		if p, ok := err.(*desync.PanicError); ok && dropped && told == nil {
			panic(p)
		} else if told != nil {
			told(err)
		}
	default:
		t.l.resume() // which may have counted on this turn
	}
}
