package desync

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// A room has the objects of a DoAll or its like, and the slice of data for its job. Rooms
// for up to fewObjects objects are pooled.
type room[T any] struct {
	holds []hold[T]
	data  []*T

	ownHolds [fewObjects]hold[T]
	ownData  [fewObjects]*T
}

const fewObjects = 8

// rooms pools *room[T] of all types T. If the one it has is of another type than the
// call needs, the call allocates: a program that calls DoAll with several types does
// so now and then.
var rooms sync.Pool

func newRoom[T any](n int) *room[T] {
	if n > fewObjects {
		return &room[T]{holds: make([]hold[T], n), data: make([]*T, n)}
	}
	r, ok := rooms.Get().(*room[T])
	if !ok {
		r = new(room[T])
	}
	r.holds, r.data = r.ownHolds[:n], r.ownData[:n]
	return r
}

// holdAll makes the room that of a call on these objects.
func holdAll[O Object[T], T any](call string, r *room[T], objects []O) {
	for i, o := range objects {
		r.holds[i] = holdOf(o)
		if r.holds[i].isNil() {
			panic(fmt.Sprintf("desync: %s: object %d is nil", call, i))
		}
	}
}

// free lets go of the objects.
func (r *room[T]) free() {
	for i := range r.holds {
		r.holds[i].letGo()
	}
	clear(r.holds) // the pool keeps nothing alive
	r.freePlain()
}

// freePlain is free for a room without holds.
func (r *room[T]) freePlain() {
	clear(r.data)
	if len(r.data) <= fewObjects {
		r.holds, r.data = nil, nil
		rooms.Put(r)
	}
}

// values gets the values of all objects, in the turn of all.
func (r *room[T]) values() []*T {
	for i := range r.holds {
		r.data[i] = r.holds[i].value()
	}
	return r.data
}

// valuesContext is values for a call that can report why a value could not be made.
func (r *room[T]) valuesContext(ctx context.Context) (data []*T, err error) {
	for i := range r.holds {
		if r.data[i], err = r.holds[i].valueContext(ctx); err != nil {
			return nil, err
		}
	}
	return r.data, nil
}

// take takes the turn of all objects, if they are idle and not observed, or of none.
func (r *room[T]) take() bool {
	for i := range r.holds {
		if !r.holds[i].take() {
			r.release(i) // what has been queued in between goes on
			return false
		}
	}
	if watching {
		noteHeld(r.members(nil)...)
	}
	return true
}

// release gives up the turn of the first n objects.
func (r *room[T]) release(n int) {
	for i := range r.holds[:n] {
		r.holds[i].release()
	}
}

// members returns the objects, in space if that is large enough.
func (r *room[T]) members(space []member) []member {
	members := slices.Grow(space[:0], len(r.holds))
	for i := range r.holds {
		members = append(members, r.holds[i].member())
	}
	return members
}
