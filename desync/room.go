package desync

import "sync"

// A room is where the job of a DoAll finds its data. Those of up to fewObjects are
// pooled.
type room[T any] struct {
	data []*T
	own  [fewObjects]*T
}

const fewObjects = 8

// rooms has a *room[T] of whatever type was used last: a program that calls DoAll with
// several types allocates now and then.
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
