package desync

import (
	"sync"
	"sync/atomic"
)

// A queue holds the entries of a busy object. It has two sides: callers append to
// the in side with the object's mu locked; the holder takes from the out side
// without a lock. When the out side is empty the holder makes the in side the out side.
//
// See entry.go for the kinds of entries. They are kept in blocks of a fixed size, so that
// a long queue grows without copying and shrinks as it is worked off. Most queues never have
// more than one entry, which needs no block.
type queue struct {
	// What an object with one job at a time needs: one cache line, which whoever hands over
	// the job and whoever runs it get from each other. Neither writes to the two others.

	own drainer // serves the object that has the queue; see summon

	// The in side, guarded by the object's mu, with what else is on the third line.
	one      any    // the only entry, if there has been no other since the object got the queue
	last     *block // of the list of blocks that begins with first
	granters int32  // how many entries a helping Do cannot run
	touched  bool   // there have been blocks since the object got the queue
	summoned bool   // the drainer was summoned and has not begun

	// The two sides are used at the same time, so each has a cache line of its own: their
	// sizes make the allocator align them.

	// The out side, owned by the holder.
	out   *block  // nil or a block with an entry at next
	next  int     // the next entry in out
	empty *block  // a used block, kept for the in side
	moved int     // how many entries have ever moved to the out side; written with mu locked
	taken counter // how many of them were taken; read by len

	// overtaken is the time at which the drainer was first overtaken, in nanoseconds, or
	// zero; guarded by mu. It stands here because there is room.
	overtaken int64
	burst     atomic.Bool // one of the two sides is long; read by the holder without mu
	_         [8]byte

	// The free mode, guarded by the object's mu.
	line line // the calls that wait; see core_free.go

	drainer *drainer // &own, unless that was replaced
	first   *block   // a list of blocks, all but the last full; or nil
	blocks  int32    // how many there are
	waiters int32    // how many entries of the in side are waiters
}

var queues = sync.Pool{New: func() any {
	q := new(queue)
	q.drainer = &q.own
	q.own.crews = newCrews()
	return q
}}

// append adds e to the in side; mu is locked.
func (q *queue) append(e any) {
	if !q.touched {
		if q.one == nil {
			q.one = e
			return
		}
		q.spill()
	}
	b := q.last
	if b == nil || b.n == len(b.entries) {
		b = q.grow()
	}
	b.entries[b.n] = e
	b.n++
}

// spill puts the only entry of the in side, if it is not in a block, into one; mu is locked.
func (q *queue) spill() {
	if e := q.one; e != nil {
		q.one = nil
		b := q.grow()
		b.entries[0], b.n = e, 1
	}
}

func (q *queue) grow() *block {
	from := &largeBlocks
	if !q.touched {
		from = &smallBlocks
	}
	b := from.Get().(*block)
	// The entries are zero already. But another core may have used the block last. This
	// fetches its cache lines together, and not one by one with the lock held, in calls
	// of append.
	clear(b.entries)
	if q.last == nil {
		q.first = b
	} else {
		q.last.next = b
	}
	q.last = b
	q.touched = true
	if q.blocks++; q.blocks == ordinary+1 {
		q.burst.Store(true)
	}
	return b
}

// refill makes the in side the new out side, when the old one is empty, and reports
// whether there is anything on it. It is called by the holder with mu locked.
func (q *queue) refill() bool {
	q.spill()
	n := q.inside()
	if n == 0 {
		return false
	}
	q.out, q.next = q.first, 0
	q.moved += n
	if long := q.blocks > ordinary; q.burst.Load() != long { // a store takes as long as a lock
		q.burst.Store(long)
	}
	q.granters, q.waiters = 0, 0
	q.fill(q.empty)
	q.empty = nil
	return true
}

// fill makes b, which is nil or an empty block, the in side; mu is locked.
func (q *queue) fill(b *block) {
	q.first, q.last, q.blocks = b, b, 0
	if b != nil {
		q.blocks = 1
	}
}

// only removes and returns the entry of the queue, if there has been exactly one since
// the object got the queue. Otherwise it returns nil. It is called with mu locked, while
// nobody holds the object.
func (q *queue) only() any {
	e := q.one
	if e != nil {
		q.one, q.granters = nil, 0
		if q.waiters != 0 { // a store would fetch the line
			q.waiters = 0
		}
	}
	return e
}

// inside is the number of entries on the in side; mu is locked.
func (q *queue) inside() int {
	switch q.blocks {
	case 0:
		if q.one != nil {
			return 1
		}
		return 0
	case 1:
		return q.last.n
	}
	return len(q.first.entries) + int(q.blocks-2)*largeBlock + q.last.n // only the first may be small
}

// peek returns the next entry of the out side, or nil. It is called by the holder.
func (q *queue) peek() any {
	if q.out == nil {
		return nil
	}
	return q.out.entries[q.next]
}

// pop removes the entry that peek shows and returns it, so that the queue does not keep
// the entry alive while it runs or later. It is called by the holder.
func (q *queue) pop() any {
	b := q.out
	e := b.entries[q.next]
	b.entries[q.next] = nil
	q.next++
	q.taken.increment()
	if q.next == b.n {
		q.used(b)
	}
	return e
}

// used puts the first block of the out side aside when all its entries are taken.
func (q *queue) used(b *block) {
	q.out, q.next = b.next, 0
	b.next, b.n = nil, 0
	switch {
	case q.empty == nil:
		q.empty = b
	case len(b.entries) < largeBlock:
		q.free(q.empty)
		q.empty = b
	default:
		q.free(b)
	}
}

// free gives back a block.
func (q *queue) free(b *block) {
	switch {
	case len(b.entries) < largeBlock:
		smallBlocks.Put(b)
	case !q.burst.Load():
		largeBlocks.Put(b)
	}
}

// len is the number of entries on both sides; mu is locked.
func (q *queue) len() int {
	return q.inside() + q.moved - q.taken.load() + q.line.n
}

// shrink gives back the blocks of an empty queue.
func (q *queue) shrink() {
	for _, b := range [...]*block{q.first, q.empty} {
		if b != nil {
			q.free(b)
		}
	}
	q.fill(nil)
	q.empty = nil
}
