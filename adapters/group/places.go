package group

import "github.com/go-desync/go-desync/desync"

// A place is the place of a job, or of a turn, in the queue of an object. The group keeps
// the places whose turn has not come. When it has ended, it takes them out of the queues,
// even of objects that are busy.
type place struct {
	prev, next *place // nil if the group does not keep it
	stop       func() bool
	gone       bool // its turn has come, or it was stopped
}

// places is a ring of places. The zero value is ready to use.
type places struct{ root place }

func (ps *places) add(p *place) {
	if ps.root.next == nil {
		ps.root.prev, ps.root.next = &ps.root, &ps.root
	}
	last := ps.root.prev
	p.prev, p.next = last, &ps.root
	last.next, ps.root.prev = p, p
}

// remove removes p, which cannot be added after that.
func (ps *places) remove(p *place) {
	p.gone, p.stop = true, nil
	if p.next != nil {
		p.prev.next, p.next.prev = p.next, p.prev
		p.prev, p.next = nil, nil
	}
}

// shown is what observers of the object are told that a job runs.
type shown struct{ code any }

// Func is for package desync.
func (s shown) Func() any { return s.code }

// queue submits job, which takes the place p, and keeps p. If Submit does not return
// because an observer has panicked, there is no place, and queue calls failed.
func queue[T any](g *Group, d desync.Object[T], job desync.Job[T], p *place, failed func()) {
	queued := false
	defer func() {
		if !queued {
			failed()
		}
	}()
	stop := d.Submit(job)
	queued = true
	g.mu.Lock()
	keep := !p.gone && !g.closed()
	if keep {
		p.stop = stop
		g.places.add(p)
	}
	g.mu.Unlock()
	if !keep {
		stop() // the group has ended meanwhile
	}
}

// stopAll takes all jobs that have not begun from their objects, and wakes the goroutines
// that wait. It is called when the group has ended.
func (g *Group) stopAll() {
	done := false
	defer func() {
		if !done { // an observer has panicked; the others have to go all the same
			g.stopAll()
		}
	}()
	for stop := g.nextStop(); stop != nil; stop = g.nextStop() {
		stop()
	}
	done = true
}

func (g *Group) nextStop() (stop func() bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.places.root.next
	if p == nil || p == &g.places.root {
		g.announce()
		return nil
	}
	stop = p.stop
	g.places.remove(p)
	return stop
}
