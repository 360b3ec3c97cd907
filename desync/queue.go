package desync

import (
	"sync"
	"sync/atomic"
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
	count       int64  // entries in them
	waiters     int    // waiters among them

	// The drainer, guarded by the object's mu.
	drainer  bool      // one was summoned and has not started
	summoned time.Time // when

	// The out side, owned by the holder.
	out    *block       // nil or a block with an entry at next
	next   int          // the next entry in out
	empty  *block       // a used block, kept for the in side
	turned int64        // entries turned over, ever; written with mu locked
	taken  atomic.Int64 // how many of them were taken; atomic for len
}

// A block with 31 entries fills an allocation of 512 bytes.
const blockLen = 31

type block struct {
	next    *block
	n       int // entries appended
	entries [blockLen]any
}

var (
	queues = sync.Pool{New: func() any { return new(queue) }}
	blocks = sync.Pool{New: func() any { return new(block) }}
)

// append adds e to the in side; mu is locked.
func (q *queue) append(e any) {
	b := q.last
	if b == nil || b.n == blockLen {
		b = q.grow()
	}
	b.entries[b.n] = e
	b.n++
	q.count++
}

// appendWaiter adds a waiter for the caller; mu is locked.
func (q *queue) appendWaiter() *waiter {
	w := waiters.Get().(*waiter)
	q.append(w)
	q.waiters++
	return w
}

func (q *queue) grow() *block {
	b := blocks.Get().(*block)
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
	if q.count == 0 {
		return false
	}
	q.out, q.next = q.first, 0
	q.turned += q.count
	q.first, q.last, q.count, q.waiters = q.empty, q.empty, 0, 0
	q.empty = nil
	return true
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
	q.taken.Store(q.taken.Load() + 1)
	if q.next == b.n {
		q.used(b)
	}
	return e
}

// used puts the out side's first block, of which all is taken, aside.
func (q *queue) used(b *block) {
	q.out, q.next = b.next, 0
	b.next, b.n = nil, 0
	if q.empty == nil {
		q.empty = b
	} else {
		blocks.Put(b)
	}
}

// len is the number of entries on both sides; mu is locked.
func (q *queue) len() int {
	return int(q.count + q.turned - q.taken.Load())
}
