package desync

import (
	"sync"
	"sync/atomic"
	"time"
)

// A queue holds the entries of a busy object. It has two sides: callers append to
// the in side with the object's mu locked; the holder takes from the out side
// without a lock. When the out side is empty the holder makes the in side the out side.
//
// See entry.go for the kinds of entries. They are kept in blocks of a fixed size, so that
// a long queue grows without copying and shrinks as it is worked off.
type queue struct {
	// The in side, guarded by the object's mu.
	first, last *block      // a list of blocks, all but the last full; or nil
	blocks      int32       // how many there are
	granters    int32       // how many entries a helping Do cannot run
	burst       atomic.Bool // one of the two sides is long; read by the holder without mu

	// Whether the out side or a large block has been used since the object got the queue.
	// If not, as with one job at a time, the cache line of the out side need not be
	// fetched.
	touched bool

	// The drainer, guarded by the object's mu; see summon.
	summoned bool // the drainer was summoned and has not begun
	own      drainer

	// The two sides are used at the same time, so each has a cache line of its own: their
	// sizes make the allocator align them.

	// The out side, owned by the holder.
	out   *block  // nil or a block with an entry at next
	next  int     // the next entry in out
	empty *block  // a used block, kept for the in side
	moved int     // how many entries have ever moved to the out side; written with mu locked
	taken counter // how many of them were taken; read by len

	// overtaken is the time at which the drainer was first overtaken, or zero; guarded by
	// mu. It stands here because there is room.
	overtaken time.Time

	// The free mode, guarded by the object's mu. It has a cache line of its own as well.
	line    line  // the calls that wait; see core_free.go
	waiters int32 // how many entries of the in side are waiters

	// drainer is &own, unless that was replaced. It stands here because there is room.
	drainer *drainer
	_       [8]byte
}

// The first block of a queue is small, since most queues are short. The others are
// large, so that few must be fetched.
const (
	smallBlock = 29
	largeBlock = 509

	// A side with more blocks than this is a burst. Its blocks are left to the garbage
	// collector: in the pool they would survive its next run.
	ordinary = 17
)

type block struct {
	next    *block
	n       int // entries appended
	entries []any
}

var (
	queues = sync.Pool{New: func() any {
		b := new(struct {
			block
			room [smallBlock]any
		})
		b.entries = b.room[:]
		q := &queue{first: &b.block, last: &b.block, blocks: 1}
		q.drainer = &q.own
		q.own.crews = newCrews()
		return q
	}}
	blocks = sync.Pool{New: func() any {
		b := new(struct {
			block
			room [largeBlock]any
		})
		b.entries = b.room[:]
		return &b.block
	}}
)

// append adds e to the in side; mu is locked.
func (q *queue) append(e any) {
	b := q.last
	if b == nil || b.n == len(b.entries) {
		b = q.grow()
	}
	b.entries[b.n] = e
	b.n++
}

func (q *queue) grow() *block {
	b := blocks.Get().(*block)
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
	n := q.inside()
	if n == 0 {
		return false
	}
	q.touched = true
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
	b := q.last
	if q.touched || b == nil || b.n != 1 {
		return nil
	}
	e := b.entries[0]
	b.entries[0], b.n = nil, 0
	q.granters, q.waiters = 0, 0
	return e
}

// inside is the number of entries on the in side; mu is locked.
func (q *queue) inside() int {
	switch q.blocks {
	case 0:
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
		if len(q.empty.entries) == largeBlock {
			q.free(q.empty)
			q.empty = b
		}
	default:
		q.free(b)
	}
}

// free gives back a large block.
func (q *queue) free(b *block) {
	if !q.burst.Load() {
		blocks.Put(b)
	}
}

// len is the number of entries on both sides; mu is locked.
func (q *queue) len() int {
	return q.inside() + q.moved - q.taken.load() + q.line.n
}

// shrink gives back the large blocks that an empty queue may have.
func (q *queue) shrink() {
	if q.first != nil && len(q.first.entries) == largeBlock {
		q.free(q.first)
		q.fill(nil)
	}
	if q.empty != nil && len(q.empty.entries) == largeBlock {
		q.free(q.empty)
		q.empty = nil
	}
	if q.first == nil {
		q.fill(q.empty)
		q.empty = nil
	}
}
