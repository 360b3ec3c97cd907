package pipe

import "sync/atomic"

// A result is the result of an item of a stage. The goroutine that settles it writes the
// fields, and then done.
type result[Out any] struct {
	next   atomic.Pointer[result[Out]]
	done   atomic.Bool
	passed bool // err is the source's
	out    Out
	err    error
}

// results are on their way to the consumer, in the order in which they come out. Any
// goroutine may put one in; the consumer takes them out. The first of the list has been
// taken out.
type results[Out any] struct {
	taken *result[Out] // the consumer's

	_ [64]byte // the two sides are used at the same time

	last atomic.Pointer[result[Out]]
}

func (rs *results[Out]) init() {
	rs.taken = new(result[Out])
	rs.last.Store(rs.taken)
}

func (rs *results[Out]) put(r *result[Out]) {
	// Between the two the consumer sees neither r nor what is put behind it. The
	// goroutine that puts one in notifies the consumer afterwards.
	rs.last.Swap(r).next.Store(r)
}

// first returns the first result, done or not, or nil if there is none.
func (rs *results[Out]) first() *result[Out] { return rs.taken.next.Load() }

// drop takes the first one out.
func (rs *results[Out]) drop() { rs.taken = rs.first() }
