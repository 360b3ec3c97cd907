package conformance

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// A record is the list of what jobs did, in order. It is the suite's own and
// safe for use by jobs that overlap by fault.
type record struct {
	mu   sync.Mutex
	list []int
	want int
	full chan struct{}
}

// record makes a record that is full when n entries are there.
func newRecord(n int) *record { return &record{want: n, full: make(chan struct{})} }

func (r *record) add(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, i)
	if len(r.list) == r.want {
		close(r.full)
	}
}

// job returns a job that adds i.
func (r *record) job(i int) func(*State) { return func(*State) { r.add(i) } }

func (r *record) get() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int(nil), r.list...)
}

// A count is full when add has been called often enough.
type count struct {
	n    atomic.Int64
	want int64
	full chan struct{}
}

func newCount(n int) *count { return &count{want: int64(n), full: make(chan struct{})} }

func (c *count) add() {
	if c.n.Add(1) == c.want {
		close(c.full)
	}
}

// inOrder fails unless the record fills up with 0, 1, 2, and so on.
func (t *trial) inOrder(r *record, rule string) {
	if !t.comes(r.full) {
		t.inconclusive("%d of %d jobs ran: see EXE-2", len(r.get()), r.want)
	}
	for i, got := range r.get() {
		if got != i {
			t.fatal(rule, "at place %d of %d the job ran that was handed over at place %d%s", i, r.want, got, around(r.get(), i))
		}
	}
}

func around(list []int, i int) string {
	from, to := max(0, i-4), min(len(list), i+5)
	return fmt.Sprintf("; from place %d on the order was %v", from, list[from:to])
}
