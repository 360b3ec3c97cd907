package bounded

import (
	"context"
	"slices"
)

// lanes are the jobs of a Limit by object. The book's mutex guards them.
//
// For each job in the background that has not begun there is one turn. It is queued on the
// job's object, or its lane is owed one, because it came and no job could begin. A turn begins
// the first job of its lane, so the jobs keep their order whichever turn comes first. A job of
// a Do begins in a turn that its caller takes, and the caller parks if the job could not begin
// in it. A lane is stalled if its first job lacks nothing but a place in the limit.
//
// Invariants: the first job of a lane has a turn that is queued, or is about to be, or its lane
// is stalled. If a lane is stalled, then running and coming reach the limit, or a resume is at
// work or about to be: it is called when a job ends, when a turn has come for nothing, and when
// the limit changes.
type lanes struct {
	limit, running int
	coming         int           // turns that resume counts on: they have nothing ahead of them
	of             map[any]*lane // by desync.Object
	stalled        []*lane
}

// A lane has the jobs on one object that have not begun, in the order of their calls.
type lane struct {
	object  any
	entries []*entry
	owed    int
	stalled bool
	inner   int           // entries of jobs that a job of the limit waits for
	submit  func(*coming) // queues a turn
	ahead   func() bool   // whether something is ahead of a turn that was queued just now
}

// An entry is a job of a Limit.
type entry struct {
	ticket
	lane   *lane
	ctx    context.Context // of a job in the background
	run    any             // that job, a func(context.Context, *T)
	wake   chan struct{}   // of a Do: it may try again
	parked bool            // of a Do: its caller waits for wake
	outer  *place          // of the job that waits for this one, or nil
	place  *place          // when it has begun
}

func newCall(outer *place) *entry {
	return &entry{outer: outer, wake: make(chan struct{}, 1)}
}

func (e *entry) isCall() bool { return e.wake != nil }

// append appends e to its lane. The book is locked, and kick must follow.
func (l *lanes) append(e *entry, ln *lane) {
	l.of[ln.object] = ln
	e.lane = ln
	ln.entries = append(ln.entries, e)
	if e.outer != nil {
		ln.inner++
		e.outer.inner = append(e.outer.inner, e)
	}
}

// remove removes e, which has not begun, from its lane. kick must follow.
func (l *lanes) remove(e *entry) {
	ln := e.lane
	if i := slices.Index(ln.entries, e); i == 0 {
		ln.entries[0] = nil
		ln.entries = ln.entries[1:]
	} else {
		ln.entries = slices.Delete(ln.entries, i, i+1)
	}
	if e.outer != nil {
		ln.inner--
		e.outer.inner = slices.DeleteFunc(e.outer.inner, func(o *entry) bool { return o == e })
	}
	if len(ln.entries) == 0 {
		delete(l.of, ln.object)
	}
}

// kick gives the first job of a lane another turn, if it needs one and could begin in it. It
// is called when the first job is another one than before, and when there may be a place in
// the limit. It returns the lane if a turn is to be queued when the book is unlocked.
func (l *lanes) kick(ln *lane) *lane {
	if len(ln.entries) == 0 {
		return nil
	}
	first := ln.entries[0]
	switch {
	case first.isCall() && !first.parked || !first.isCall() && ln.owed == 0:
		return nil // its turn is on the way
	case !l.free(ln):
		l.stall(ln)
		return nil
	case first.isCall():
		first.parked = false
		first.wake <- struct{}{} // it has room: a caller parks again only when it has taken this
		return nil
	}
	ln.owed--
	return ln
}

func (l *lanes) stall(ln *lane) {
	if !ln.stalled {
		ln.stalled = true
		l.stalled = append(l.stalled, ln)
	}
}

// next takes the first of the lanes that are stalled out of the list.
func (l *lanes) next() *lane {
	ln := l.stalled[0]
	l.stalled[0] = nil
	l.stalled = l.stalled[1:]
	ln.stalled = false
	return ln
}
