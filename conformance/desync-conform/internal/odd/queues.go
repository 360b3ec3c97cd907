package odd

import (
	"sync"
	"sync/atomic"
)

// A queue keeps places. Pop is called by one goroutine at a time, and only if a push
// has returned for which it was not called yet.
type queue interface {
	push(granted func())
	pop() (granted func())
}

// A counted is a line on a queue, with the number of those who are there: whoever makes
// it 1 has the turn to give, and whoever leaves others behind.
type counted struct {
	queue
	there atomic.Int64
}

func count(q queue) *counted { return &counted{queue: q} }

func (c *counted) enter(granted func()) {
	c.push(granted)
	if c.there.Add(1) == 1 {
		c.pop()()
	}
}

func (c *counted) leave() {
	if c.there.Add(-1) > 0 {
		c.pop()()
	}
}

// A link of a list.
type link struct {
	granted func()
	next    atomic.Pointer[link]
}

// treiber is a stack of those who came, newest first, and a list of those who are next.
type treiber struct {
	newest atomic.Pointer[link]
	next   *link
}

func (s *treiber) push(granted func()) {
	l := &link{granted: granted}
	for {
		below := s.newest.Load()
		l.next.Store(below)
		if s.newest.CompareAndSwap(below, l) {
			return
		}
	}
}

func (s *treiber) pop() func() {
	if s.next == nil {
		for l := s.newest.Swap(nil); l != nil; {
			below := l.next.Load()
			l.next.Store(s.next)
			l, s.next = below, l
		}
	}
	l := s.next
	s.next = l.next.Load()
	return l.granted
}

// michaelScott is a list whose first link has been taken.
type michaelScott struct{ head, tail atomic.Pointer[link] }

func newMichaelScott() *michaelScott {
	q, taken := new(michaelScott), new(link)
	q.head.Store(taken)
	q.tail.Store(taken)
	return q
}

func (q *michaelScott) push(granted func()) {
	l := &link{granted: granted}
	for {
		tail := q.tail.Load()
		if next := tail.next.Load(); next != nil { // somebody is between the two steps
			q.tail.CompareAndSwap(tail, next)
		} else if tail.next.CompareAndSwap(nil, l) {
			q.tail.CompareAndSwap(tail, l)
			return
		}
	}
}

func (q *michaelScott) pop() func() {
	l := q.head.Load().next.Load()
	q.head.Store(l)
	granted := l.granted
	l.granted = nil
	return granted
}

// twoLocks is the same list, with locks.
type twoLocks struct {
	headLock, tailLock sync.Mutex
	head, tail         *link
}

func newTwoLocks() *twoLocks {
	taken := new(link)
	return &twoLocks{head: taken, tail: taken}
}

func (q *twoLocks) push(granted func()) {
	l := &link{granted: granted}
	q.tailLock.Lock()
	defer q.tailLock.Unlock()
	q.tail.next.Store(l)
	q.tail = l
}

func (q *twoLocks) pop() func() {
	q.headLock.Lock()
	defer q.headLock.Unlock()
	q.head = q.head.next.Load()
	granted := q.head.granted
	q.head.granted = nil
	return granted
}

// copyOnWrite never changes anything but the pointer to its two lists: those who are
// next, and those who came, newest first.
type copyOnWrite struct{ lists atomic.Pointer[lists] }

type lists struct{ next, came *cell }

type cell struct {
	granted func()
	below   *cell
}

func (q *copyOnWrite) push(granted func()) {
	for {
		was := q.lists.Load()
		fresh := &lists{came: &cell{granted: granted}}
		if was != nil {
			fresh.next, fresh.came.below = was.next, was.came
		}
		if q.lists.CompareAndSwap(was, fresh) {
			return
		}
	}
}

func (q *copyOnWrite) pop() func() {
	for {
		was := q.lists.Load()
		fresh := *was
		if fresh.next == nil {
			for c := fresh.came; c != nil; c = c.below {
				fresh.next = &cell{c.granted, fresh.next}
			}
			fresh.came = nil
		}
		first := fresh.next
		fresh.next = first.below
		if q.lists.CompareAndSwap(was, &fresh) {
			return first.granted
		}
	}
}

// freeList uses the links of those who were taken again, up to 16.
type freeList struct {
	mu          sync.Mutex
	first, last *plain
	free        []*plain
}

type plain struct {
	granted func()
	next    *plain
}

func (q *freeList) push(granted func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := new(plain)
	if n := len(q.free); n > 0 {
		l, q.free = q.free[n-1], q.free[:n-1]
	}
	l.granted = granted
	if q.first == nil {
		q.first = l
	} else {
		q.last.next = l
	}
	q.last = l
}

func (q *freeList) pop() func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.first
	granted := l.granted
	q.first = l.next
	*l = plain{}
	if len(q.free) < 16 {
		q.free = append(q.free, l)
	}
	return granted
}
