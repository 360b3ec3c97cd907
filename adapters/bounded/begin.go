package bounded

import (
	"errors"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/desync"
)

// take begins e, the first of its lane, for which there is a place; the book is locked. It
// returns a lane to which queueAgain must give a turn, or nil.
func (l *Limit) take(e *entry) (again *lane) {
	e.place = &place{of: l, object: e.lane.object, outer: e.outer, lender: e.lane.lender()}
	if e.place.lender != nil {
		e.place.lender.lent = true
	} else {
		l.running++
	}
	e.state = begun
	l.lanes.remove(e)
	return l.kick(e.lane)
}

// beginFirst begins the first job of a lane in a turn that has come, or returns nil.
func (l *Limit) beginFirst(ln *lane, c *coming) *entry {
	l.mu.Lock()
	l.uncount(c)
	if len(ln.entries) == 0 {
		l.mu.Unlock()
		return nil // its job was taken back
	}
	first := ln.entries[0]
	if first.isCall() || !l.free(ln) {
		ln.owed++
		if !first.isCall() {
			l.stall(ln)
		}
		l.mu.Unlock()
		return nil
	}
	again := l.take(first)
	l.mu.Unlock()
	l.queueAgain(again)
	return first
}

// beginNone is for a turn that has come without the data.
func (l *Limit) beginNone(c *coming) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.uncount(c)
}

// beginCall reports whether the job of a Do begins in the turn that its caller has. If not, the
// caller must give the turn up.
func (l *Limit) beginCall(e *entry) bool {
	l.mu.Lock()
	if e.state != waiting {
		l.mu.Unlock()
		return false
	}
	if first := e.lane.entries[0]; first != e || !l.free(e.lane) {
		e.parked = true
		if first == e {
			l.stall(e.lane)
		}
		l.mu.Unlock()
		return false
	}
	again := l.take(e)
	l.mu.Unlock()
	l.queueAgain(again)
	return true
}

// end ends a job that has begun.
func (l *Limit) end(e *entry) {
	var again []*lane
	l.mu.Lock()
	l.book.remove(&e.ticket)
	l.announce()
	e.place.over = true
	if p := e.place.lender; p != nil {
		p.lent = false
		for _, inner := range p.inner {
			again = append(again, l.kick(inner.lane))
		}
	} else {
		l.running--
	}
	l.mu.Unlock()
	l.goOn(again)
}

// goOn gives turns to lanes that need one.
func (l *Limit) goOn(again []*lane) {
	defer l.resume()
	for i, ln := range again {
		defer l.queueAgain(ln) // deferred: all of them, whatever an observer does
		again[i] = nil
	}
}

// resume gives turns to lanes that are stalled until the limit is certain to be reached again.
func (l *Limit) resume() {
	done := false
	defer func() {
		if !done { // an observer has panicked; the others go on
			l.resume()
		}
	}()
	for {
		var again *lane
		c := new(coming)
		l.mu.Lock()
		found := l.running+l.coming < l.limit && len(l.stalled) > 0
		if found {
			if again = l.kick(l.next()); again != nil {
				l.count(c)
			}
		}
		l.mu.Unlock()
		if !found {
			break
		}
		l.queueCounted(again, c)
	}
	done = true
}

// A coming is a turn that was queued for a stalled lane and that resume counts on.
type coming struct{ counted bool }

func (l *lanes) count(c *coming) {
	c.counted = true
	l.coming++
}

// uncount is called when the turn has come, or when it is not to be counted on.
func (l *lanes) uncount(c *coming) {
	if c.counted {
		c.counted = false
		l.coming--
	}
}

// queueCounted is queueAgain. A turn that waits behind other jobs on its object does not count:
// they may wait for a job of the limit.
func (l *Limit) queueCounted(ln *lane, c *coming) {
	if ln == nil {
		return
	}
	ahead := true // if it cannot be queued
	defer func() {
		if ahead {
			l.mu.Lock()
			l.uncount(c)
			l.mu.Unlock()
		}
	}()
	ahead = !l.queue(ln, c) || ln.ahead()
}

// queueAgain queues a turn of a lane, unless that is nil.
func (l *Limit) queueAgain(ln *lane) {
	if ln != nil {
		l.queue(ln, new(coming))
	}
}

// queue queues a turn and reports whether it did. If an observer of the object prevents it, a
// job of the lane is dropped.
func (l *Limit) queue(ln *lane, c *coming) (queued bool) {
	attempt.Run(func() error {
		ln.submit(c)
		return nil
	}, func(err error) {
		if queued = err == nil; queued {
			return
		}
		told, dropped := l.dropFirst(ln)
		if p, ok := err.(*desync.PanicError); ok && dropped && told == nil {
			panic(p)
		} else if told != nil {
			told(errors.Join(errNotQueued, err))
		}
	})
	return queued
}
