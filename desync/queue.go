package desync

import (
	"sync"
	"time"
)

// A queue holds the entries of a busy object. It has two sides: callers append to
// the in side with the object's mu locked; the holder takes from the out side
// without a lock. When the out side is empty the holder turns the sides over.
//
// An entry is a func(*T), a task[T] or a granter. Entries live in blocks of a
// fixed size, so that a long queue grows without copying and shrinks as it is
// worked off.
type queue struct {
	// The in side, guarded by the object's mu.
	first, last *block // nil or the blocks that are being filled
	granters    int    // how many of them a helping Do cannot run

	// The drainer, guarded by the object's mu.
	drainer  bool      // one was summoned and has not started
	summoned time.Time // when

	// The two sides are used at the same time, so they have no cache line in common.
	_ [64]byte

	// The out side, owned by the holder.
	out    *block  // nil or a block with an entry at next
	next   int     // the next entry in out
	empty  *block  // a used block, kept for the in side
	turned int     // entries turned over, ever; written with mu locked
	taken  counter // how many of them were taken; read by len
}

// The first block of a queue is small, since most queues are short. The others are
// large: the fewer of them there are to fetch, the better.
const (
	smallBlock = 30
	largeBlock = 510

	// So many of the last blocks of what was turned over at once go to the pool, where
	// they outlive the next garbage collection. The rest of a burst is left to that.
	pooled = 16
)

type block struct {
	next    *block
	n       int // entries appended
	entries []any
	_       [64]byte // one block is filled while another is worked off
}

var (
	queues = sync.Pool{New: func() any {
		b := &block{entries: make([]any, smallBlock)}
		return &queue{first: b, last: b}
	}}
	blocks = sync.Pool{New: func() any { return &block{entries: make([]any, largeBlock)} }}
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

// appendGranter adds g to the in side; mu is locked.
func (q *queue) appendGranter(g granter) {
	q.append(g)
	q.granters++
}

func (q *queue) grow() *block {
	b := blocks.Get().(*block)
	// The entries are zero. But another processor may have used the block last,
	// and here its cache lines are fetched together, not one after the other by
	// the calls of append, each held up by its lock.
	clear(b.entries)
	if q.last == nil {
		q.first = b
	} else {
		q.last.next = b
	}
	q.last = b
	return b
}

// turnOver makes the in side the out side, which is empty, and reports whether
// there is anything on it. It is called by the holder with mu locked.
func (q *queue) turnOver() bool {
	n := q.waiting()
	if n == 0 {
		return false
	}
	q.out, q.next = q.first, 0
	q.turned += n
	q.first, q.last, q.granters = q.empty, q.empty, 0
	q.empty = nil
	return true
}

// waiting is the number of entries on the in side; mu is locked.
func (q *queue) waiting() (n int) {
	for b := q.first; b != nil; b = b.next {
		n += b.n
	}
	return n
}

// peek returns the next entry of the out side, or nil. It is called by the holder.
func (q *queue) peek() any {
	if q.out == nil {
		return nil
	}
	return q.out.entries[q.next]
}

// pop removes and returns the entry that peek shows, so that the queue does not
// keep it alive while and after it runs. It is called by the holder.
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

// used puts the out side's first block, of which all is taken, aside.
func (q *queue) used(b *block) {
	q.out, q.next = b.next, 0
	b.next, b.n = nil, 0
	switch {
	case q.empty == nil:
		q.empty = b
	case len(b.entries) < largeBlock:
		if len(q.empty.entries) == largeBlock {
			blocks.Put(q.empty)
			q.empty = b
		}
	case q.turned-q.taken.load() <= pooled*largeBlock:
		blocks.Put(b)
	}
}

// len is the number of entries on both sides; mu is locked.
func (q *queue) len() int {
	return q.waiting() + q.turned - q.taken.load()
}

// shrink gives back the large blocks that an empty queue may have.
func (q *queue) shrink() {
	if q.first != nil && len(q.first.entries) == largeBlock {
		blocks.Put(q.first)
		q.first, q.last = nil, nil
	}
	if q.empty != nil && len(q.empty.entries) == largeBlock {
		blocks.Put(q.empty)
		q.empty = nil
	}
	if q.first == nil {
		q.first, q.last, q.empty = q.empty, q.empty, nil
	}
}
