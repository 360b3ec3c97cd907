package desync

import "sync"

// A room is where the job of a DoAll finds its data. Those of up to fewObjects are
// pooled, in a pool for each type.
type room[T any] struct {
	data []*T
	pool *sync.Pool // nil if it is not pooled
	own  [fewObjects]*T
}

const fewObjects = 8

var rooms sync.Map // of the nil *T to the *sync.Pool of *room[T]

func roomFor[T any](n int) *room[T] {
	if n > fewObjects {
		return &room[T]{data: make([]*T, n)}
	}
	pool, ok := rooms.Load((*T)(nil))
	if !ok {
		pool, _ = rooms.LoadOrStore((*T)(nil), new(sync.Pool))
	}
	p := pool.(*sync.Pool)
	r, _ := p.Get().(*room[T])
	if r == nil {
		r = &room[T]{pool: p}
	}
	r.data = r.own[:n]
	return r
}

func (r *room[T]) free() {
	clear(r.data)
	r.data = nil
	if r.pool != nil {
		r.pool.Put(r)
	}
}
