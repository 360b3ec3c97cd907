// Package room bounds what is queued, and lets goroutines wait until there is room. It
// is where adapters wait for room.
//
// What waits in a testing/synctest bubble is durably blocked. A Room holds nothing
// that belongs to a bubble while nobody waits, so it may be used in one bubble, then
// in another, then outside. It may be used at once on both sides, too, but then those
// who wait in a bubble are not told of room that is given outside of it: they look for
// it when their limit of time has passed.
package room

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"
)

// A Room is a bound on what is queued. Whoever waits for room gets it in the order of
// arrival, so that one who needs much is not overtaken forever.
//
// A Room belongs to the data that L guards: each method is called with L locked.
type Room struct {
	L    sync.Locker
	Size int64 // positive

	taken   int64
	line    list.List // of *place, in the order of arrival
	refuses bool
}

// A place is one in the line.
type place struct {
	*Waiter
	size int64
	in   bool        // it has got its room
	over atomic.Bool // it waits no longer
}

// Taken returns how much room is taken.
func (r *Room) Taken() int64 { return r.taken }

// fits reports whether there is room. What is larger than the whole room fits alone.
func (r *Room) fits(size int64) bool {
	return r.taken == 0 || r.taken+size <= r.Size
}

// Add takes room whether or not there is any.
func (r *Room) Add(size int64) { r.taken += size }

// Try takes room, and reports whether there was any: for this one, and for all who
// wait.
func (r *Room) Try(size int64) bool {
	if r.refuses || r.admit() || !r.fits(size) {
		return false
	}
	r.taken += size
	return true
}

// Take takes room, waiting for it if need be, and reports whether it has got any. It
// waits until Refuse is called, and, if limit is positive, for no longer than that.
// It unlocks L while it waits.
//
// If it has to wait, watch is called before, with L locked, unless it is nil. It may
// have Take give up instead, or returns what is to be called after the wait. waits
// reports, to anybody at any time, whether there is something to wait for still.
func (r *Room) Take(size int64, limit time.Duration, watch func(waits func() bool) (end func(), ok bool)) bool {
	if r.Try(size) || r.refuses {
		return !r.refuses
	}
	p := &place{Waiter: NewWaiter(), size: size}
	if watch != nil {
		end, ok := watch(func() bool { return !p.over.Load() })
		if !ok {
			return false
		}
		defer end()
	}
	e := r.line.PushBack(p)
	r.L.Unlock()
	p.Wait(limit)
	r.L.Lock()
	if p.in { // even if that was just when its time was up
		return true
	}
	r.line.Remove(e) // which does nothing after Refuse
	// It was not told of room that was given outside of its bubble. And if there is
	// none, those behind may fit where this one does not.
	return r.Try(size)
}

// Give gives back room, and lets in those who wait for it.
func (r *Room) Give(size int64) {
	r.taken -= size
	r.admit()
}

// Refuse ends all waits without giving room, those in the future as well.
func (r *Room) Refuse() {
	r.refuses = true
	for e := r.line.Front(); e != nil; {
		p, next := e.Value.(*place), e.Next()
		if p.Wake() {
			p.over.Store(true)
			r.line.Remove(e)
		}
		e = next
	}
}

// admit lets in those who wait and for whom there is room, and reports whether there
// is one for whom there is none. Those who are in another bubble are left alone.
func (r *Room) admit() (held bool) {
	for e := r.line.Front(); e != nil; {
		p, next := e.Value.(*place), e.Next()
		if !r.fits(p.size) {
			return true
		}
		if p.Wake() {
			p.over.Store(true) // before the room's last holder can wait for anything else
			r.line.Remove(e)
			p.in = true
			r.taken += p.size
		}
		e = next
	}
	return false
}
