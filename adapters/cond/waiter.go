package cond

import (
	"container/list"
	"context"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/desync"
)

// A waiter is the job of a When.
//
//	pending ── claim, in a turn ──▶ over, and the job runs
//	   └────── claim, by cancel ──▶ over, and it does not
//
// Whoever claims it owns the functions. Until then they do not change.
type waiter[T any] struct {
	cond   *Cond[T]
	ctx    context.Context
	when   func(*T) bool
	job    func(*T) error
	settle func(error) // settles the future, unless the job has
	code   any         // the user's function, for observers

	// The mutex of the Cond guards these.
	over   bool
	place  *list.Element // in the line, or nil
	stop   func() bool   // takes it from the object's queue, or nil
	forget func() bool   // ends the wait for ctx, or nil
}

// queue gives the job its place in the queue of the object.
func (w *waiter[T]) queue(d desync.Object[T]) {
	queued := false
	defer func() {
		if !queued { // an observer of the object has panicked
			w.claim()
		}
	}()
	stop := d.Submit(w)
	queued = true
	w.cond.mu.Lock()
	w.stop = stop
	w.cond.mu.Unlock()
	if w.ctx.Done() == nil {
		return
	}
	forget := context.AfterFunc(w.ctx, w.cancel)
	w.cond.mu.Lock()
	w.forget = forget
	over := w.over
	w.cond.mu.Unlock()
	if over {
		forget()
	}
}

// claim reports whether the caller decides what becomes of the job.
func (w *waiter[T]) claim() bool {
	c := w.cond
	c.mu.Lock()
	if w.over {
		c.mu.Unlock()
		return false
	}
	w.over = true
	if w.place != nil {
		c.line.Remove(w.place)
		w.place = nil
	}
	forget := w.forget
	w.forget = nil
	c.mu.Unlock()
	if forget != nil {
		forget()
	}
	return true
}

// cancel is called when the context has ended.
func (w *waiter[T]) cancel() {
	if !w.claim() {
		return
	}
	w.cond.mu.Lock()
	stop := w.stop
	w.stop = nil
	w.cond.mu.Unlock()
	settle, ctx := w.settle, w.ctx
	w.settle, w.job, w.when = nil, nil, nil
	defer settle(notRun(ctx))
	stop() // false if its first turn has come
}

func notRun(ctx context.Context) error {
	return ended.Error(ctx, "cond: the context ended before the condition held", desync.ErrNotRun)
}

// Run is the job's first turn.
func (w *waiter[T]) Run(data *T) {
	if w.try(data) {
		w.cond.Check(data)
		return
	}
	w.cond.mu.Lock()
	defer w.cond.mu.Unlock()
	if !w.over {
		w.place = w.cond.line.PushBack(w)
	}
}

// Func is for observers of the object.
func (w *waiter[T]) Func() any { return w.code }

// Ended is called with an error if the value of a key could not be made, or if an observer of
// the object has panicked.
func (w *waiter[T]) Ended(err error) {
	if err != nil && w.claim() {
		w.settle(err)
	}
}

// try runs the job if the condition holds, and reports whether the job is over. It is called
// in a turn of the object.
func (w *waiter[T]) try(data *T) (over bool) {
	w.cond.mu.Lock()
	if w.over { // canceled
		w.cond.mu.Unlock()
		return false
	}
	when := w.when
	w.cond.mu.Unlock()
	holds := false
	attempt.Run(func() error {
		holds = when(data)
		return nil
	}, func(err error) {
		if err != nil {
			holds = false
			if over = w.claim(); over {
				w.settle(err)
			}
		}
	})
	if !holds || !w.claim() {
		return over
	}
	attempt.Run(func() error {
		if w.ctx.Err() != nil { // the goroutine that is to cancel it is late
			return notRun(w.ctx)
		}
		return w.job(data)
	}, w.settle)
	return true
}
