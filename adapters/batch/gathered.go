package batch

import (
	"container/list"
	"slices"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// A gathered batch goes through these states; the mutex of the Batch guards all fields but
// the promise:
//
//	in the line:  it takes items if it is the open one, and items can be taken out. When it
//	              is due, a turn is queued on the object, or is about to be.
//	running:      a turn has taken it out of the line. Its entries stay as they are.
//	over:         its entries have settled, or all of them were taken out.
//
// A turn takes the first batch of the line, whichever it was queued for. So the batches keep
// their order although turns are queued without the mutex: observers of the object are called
// then.
//
// Invariant: there are at least as many turns, queued or about to be, as batches in the line
// that are due. Each batch that becomes due adds a turn. A turn that begins takes a batch
// with it, if one is due; a turn that is stopped belonged to a batch that has left the line;
// and if a turn cannot be queued, a batch leaves the line with it.
type gathered[V, R any] struct {
	entries []*entry[V, R]
	live    int // entries that were not taken out
	bytes   int // of those
	due     bool
	place   *list.Element // in the line; nil when it has left it
	timer   *time.Timer   // until it is due; nil if it does not wait
	stop    func() bool   // takes its turn back, if that is queued
	over    futures.Promise[struct{}]
	job     *waits.Job // nil in builds that do not watch
}

// An entry is an item and its result.
type entry[V, R any] struct {
	futures.Promise[R]
	in   *gathered[V, R] // while it is in the line
	item V
	size int
}

// accept puts item into a batch. At most two batches become due: one that has no room for
// the item, and that of the item.
func (b *Batch[V, R]) accept(item V) (*entry[V, R], error) {
	e := &entry[V, R]{item: item, size: b.limits.size(item)}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil, ErrClosed
	}
	var before *gathered[V, R]
	if g := b.open; g != nil && b.limits.full(g.live, g.bytes, e.size) {
		b.open = nil
		if b.becomesDue(g) {
			before = g
		}
	}
	first := b.open == nil
	if first {
		b.begin()
	}
	g := b.open
	e.in = g
	g.entries = append(g.entries, e)
	g.live++
	g.bytes += e.size
	b.waiting++
	b.guard(&e.Promise, g)
	full := b.limits.full(g.live, g.bytes, 1) // even the smallest has no room, as far as one can tell
	if full {
		b.open = nil
	}
	now := (full || b.limits.Wait == 0) && b.becomesDue(g)
	if first && !now {
		g.timer = time.AfterFunc(b.limits.Wait, func() { b.flush(g) })
	}
	b.mu.Unlock()

	if before != nil {
		b.queueTurn(before)
	}
	if now || first && waits.Watching { // see follow
		b.queueTurn(g)
	}
	return e, nil
}

// begin begins a new batch; mu is locked.
func (b *Batch[V, R]) begin() {
	g := new(gathered[V, R])
	b.guard(&g.over, g)
	g.place = b.line.PushBack(g)
	b.open = g
}

// becomesDue reports whether a turn must be queued for g, now that it waits for no more
// items; mu is locked.
func (b *Batch[V, R]) becomesDue(g *gathered[V, R]) bool {
	if g.due || g.place == nil {
		return false
	}
	g.due = true
	if g.timer != nil {
		g.timer.Stop() // or it is too late, and finds the batch due
		g.timer = nil
	}
	return true
}

// flush makes g due.
func (b *Batch[V, R]) flush(g *gathered[V, R]) {
	b.mu.Lock()
	now := b.becomesDue(g)
	b.mu.Unlock()
	if now {
		b.queueTurn(g)
	}
}

// queueTurn queues a turn for g. If that fails, the items of g fail.
func (b *Batch[V, R]) queueTurn(g *gathered[V, R]) {
	var stop func() bool
	attempt.Run(func() error {
		b.follow(g, func() { stop = b.queue() })
		return nil
	}, func(err error) {
		if err != nil {
			b.dropOne(g, err)
			return
		}
		b.mu.Lock()
		empty := g.place == nil && g.live == 0 // its items were taken out meanwhile
		if g.place != nil {
			g.stop = stop
		}
		b.mu.Unlock()
		if empty {
			stop()
		}
	})
}

// dropOne takes a batch that has lost its turn out of the line: g, or the last one that is
// due if g has begun in the turn of another one.
func (b *Batch[V, R]) dropOne(g *gathered[V, R], err error) {
	b.mu.Lock()
	for e := b.line.Back(); g.place == nil && e != nil; e = e.Prev() {
		if last := e.Value.(*gathered[V, R]); last.due {
			g = last
		}
	}
	lost := g.place != nil
	if lost {
		b.leave(g)
	}
	b.mu.Unlock()
	if lost {
		b.settle(g, outcome[R]{err: &queueError{err}})
	}
}

// leave takes g out of the line; mu is locked.
func (b *Batch[V, R]) leave(g *gathered[V, R]) {
	b.line.Remove(g.place)
	g.place, g.stop = nil, nil // so it does not become due any more
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	if b.open == g {
		b.open = nil
	}
	b.waiting -= g.live
	g.entries = slices.DeleteFunc(g.entries, func(e *entry[V, R]) bool { return e.in == nil })
	for _, e := range g.entries {
		e.in = nil
	}
}

// takeOut takes an entry out of its batch, and reports whether it was not too late.
func (b *Batch[V, R]) takeOut(e *entry[V, R]) bool {
	b.mu.Lock()
	g := e.in
	if g == nil {
		b.mu.Unlock()
		return false
	}
	e.in, e.item = nil, *new(V)
	g.live--
	g.bytes -= e.size
	b.waiting--
	var stop func() bool
	switch {
	case g.live == 0:
		stop = g.stop
		b.leave(g)
	case len(g.entries) > 2*g.live+few:
		g.entries = slices.DeleteFunc(g.entries, func(e *entry[V, R]) bool { return e.in == nil })
	}
	empty := g.live == 0
	b.mu.Unlock()
	if empty {
		b.settle(g, outcome[R]{})
	}
	if stop != nil {
		stop()
	}
	return true
}

const few = 8
