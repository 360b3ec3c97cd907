package odd

import (
	"container/heap"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Those that follow draw a ticket before they put it away, so that the next one may not
// be there yet when its turn has come. They then look again.

// A ticket is a place with its number.
type ticket struct {
	number  uint64
	granted func()
}

// await looks until the ticket is there.
func await(look func() func()) func() {
	for {
		if granted := look(); granted != nil {
			return granted
		}
		runtime.Gosched()
	}
}

// sharded keeps tickets in maps with locks of their own.
type sharded struct {
	drawn, called atomic.Uint64
	shards        [8]struct {
		sync.Mutex
		there map[uint64]func()
	}
}

func newSharded() *sharded {
	q := new(sharded)
	for i := range q.shards {
		q.shards[i].there = map[uint64]func(){}
	}
	return q
}

func (q *sharded) push(granted func()) {
	number := q.drawn.Add(1)
	shard := &q.shards[number%uint64(len(q.shards))]
	shard.Lock()
	defer shard.Unlock()
	shard.there[number] = granted
}

func (q *sharded) pop() func() {
	number := q.called.Add(1)
	shard := &q.shards[number%uint64(len(q.shards))]
	return await(func() func() {
		shard.Lock()
		defer shard.Unlock()
		granted := shard.there[number]
		if granted == nil {
			return nil
		}
		if delete(shard.there, number); len(shard.there) == 0 {
			shard.there = map[uint64]func(){} // a map does not get smaller
		}
		return granted
	})
}

// ticketHeap keeps tickets in a heap.
type ticketHeap struct {
	drawn, called atomic.Uint64
	mu            sync.Mutex
	all           byNumber
}

type byNumber []ticket

func (h byNumber) Len() int           { return len(h) }
func (h byNumber) Less(i, j int) bool { return h[i].number < h[j].number }
func (h byNumber) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byNumber) Push(x any)        { *h = append(*h, x.(ticket)) }

func (h *byNumber) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = ticket{}
	if *h = (*h)[:last]; last == 0 {
		*h = nil
	}
	return x
}

func (q *ticketHeap) push(granted func()) {
	number := q.drawn.Add(1)
	q.mu.Lock()
	defer q.mu.Unlock()
	heap.Push(&q.all, ticket{number, granted})
}

func (q *ticketHeap) pop() func() {
	number := q.called.Add(1)
	return await(func() func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if len(q.all) == 0 || q.all[0].number != number {
			return nil
		}
		return heap.Pop(&q.all).(ticket).granted
	})
}

// skipList keeps tickets in lists, each with about half of those of the one below.
type skipList struct {
	drawn, called atomic.Uint64
	mu            sync.Mutex
	head          skipNode
}

type skipNode struct {
	ticket
	next [16]*skipNode
}

func newSkipList() *skipList { return new(skipList) }

func (q *skipList) push(granted func()) {
	n := &skipNode{ticket: ticket{q.drawn.Add(1), granted}}
	q.mu.Lock()
	defer q.mu.Unlock()
	height := 1
	for height < len(n.next) && rand.IntN(2) == 0 {
		height++
	}
	before := &q.head
	for level := len(n.next) - 1; level >= 0; level-- {
		for before.next[level] != nil && before.next[level].number < n.number {
			before = before.next[level]
		}
		if level < height {
			n.next[level], before.next[level] = before.next[level], n
		}
	}
}

func (q *skipList) pop() func() {
	number := q.called.Add(1)
	return await(func() func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		first := q.head.next[0]
		if first == nil || first.number != number {
			return nil
		}
		for level := range q.head.next {
			if q.head.next[level] == first {
				q.head.next[level] = first.next[level]
			}
		}
		return first.granted
	})
}
