package desync

import "sync"

// A room is the slice of data for the job of a DoAll. Rooms for up to fewObjects
// objects are pooled.
type room[T any] struct {
	data []*T
	own  [fewObjects]*T
}

const fewObjects = 8

// rooms pools *room[T] of all types T. If the one it has is of another type than the
// call needs, the call allocates: a program that calls DoAll with several types does
// so now and then.
var rooms sync.Pool

func newRoom[T any](n int) *room[T] {
	if n > fewObjects {
		return &room[T]{data: make([]*T, n)}
	}
	r, ok := rooms.Get().(*room[T])
	if !ok {
		r = new(room[T])
	}
	r.data = r.own[:n]
	return r
}

func (r *room[T]) free() {
	clear(r.data) // the pool keeps nothing alive
	if len(r.data) <= fewObjects {
		r.data = nil
		rooms.Put(r)
	}
}
