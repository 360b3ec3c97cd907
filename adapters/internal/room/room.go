// Package room limits how much may be queued, and lets goroutines wait until there is
// room.
//
// A goroutine that waits in a testing/synctest bubble is durably blocked. While nobody
// waits, a Room holds nothing that belongs to a bubble, so it may be used in one bubble,
// then in another, then outside. It may also be used inside and outside at the same time.
// But then a goroutine that waits in a bubble is not told of room that is given outside:
// it looks again when its time is up.
package room

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"
)

// A Room limits how much may be queued. Goroutines that wait for room get it in the order
// of their calls, so that one that needs much room is not overtaken forever.
//
// A Room belongs to the data that L guards: each method is called with L locked.
type Room struct {
	L    sync.Locker
	Size int64 // positive

	taken   int64
	line    list.List // of *place, in the order of arrival
	refuses bool
}

// A place is one goroutine's place in the line.
type place struct {
	*Waiter
	size int64
	in   bool        // it has got its room
	over atomic.Bool // it waits no longer
}

// Taken returns how much room is taken.
func (r *Room) Taken() int64 { return r.taken }

// fits reports whether there is room for size. A size above that of the Room fits if no
// room is taken.
func (r *Room) fits(size int64) bool {
	return r.taken == 0 || r.taken+size <= r.Size
}

// Add takes room whether or not there is any.
func (r *Room) Add(size int64) { r.taken += size }

// Try takes room, and reports whether there was enough. There is not enough if another
// call already waits.
func (r *Room) Try(size int64) bool {
	if r.refuses || r.admit() || !r.fits(size) {
		return false
	}
	r.taken += size
	return true
}

// Take takes room, waiting if there is none, and reports whether it has got it. The wait
// ends when Refuse is called or, if limit is positive, after that time. L is unlocked
// during the wait.
//
// If it has to wait, Take first calls watch, with L locked, unless watch is nil. If watch
// returns false, Take gives up; otherwise Take calls end after the wait. The function
// waits, which any goroutine may call at any time, reports whether the call still waits.
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
	// The call was not told of room that was given outside of its bubble, so try again.
	// If there is none, a call behind it may fit where this one does not.
	return r.Try(size)
}

// Give gives back room, and lets in goroutines that wait for it.
func (r *Room) Give(size int64) {
	r.taken -= size
	r.admit()
}

// Refuse ends all waits for room, and all later ones, without giving room.
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

// admit lets in the goroutines for which there is room, in order, and reports whether one
// still waits because there is none. It skips those that are in another bubble.
func (r *Room) admit() (held bool) {
	for e := r.line.Front(); e != nil; {
		p, next := e.Value.(*place), e.Next()
		if !r.fits(p.size) {
			return true
		}
		if p.Wake() {
			p.over.Store(true) // before the goroutine that gave the room can wait for anything else
			r.line.Remove(e)
			p.in = true
			r.taken += p.size
		}
		e = next
	}
	return false
}
