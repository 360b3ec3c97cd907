package conformance

import (
	"slices"
	"sync/atomic"
	"time"
)

// Whatever has a table, a ring, a counter or a slot goes wrong at some size, most often
// about a power of two. How far the cases go:
const (
	mostQueued  = 1 << 17 // jobs
	mostWaiting = 1 << 13 // callers, suspensions, values that are awaited
	someShares  = 1 << 10 // in the budget short, of what else may be up to mostWaiting
)

// shares is how many objects one job has at most, and how many such jobs wait.
func (t *trial) shares() int {
	if t.o.budget == Short {
		return someShares
	}
	return mostWaiting
}

// aroundPowers returns the sizes to try: 1, 2, and each further power of two to most, then the
// numbers beside them. A run that cannot go through all has met each order of magnitude.
func aroundPowers(most int) (sizes []int) {
	for n := 1; n <= most; n *= 2 {
		sizes = append(sizes, n)
	}
	for n := 4; n <= most; n *= 2 {
		if n > 4 { // 3 is 2+1 and 4-1
			sizes = append(sizes, n-1)
		}
		sizes = append(sizes, n+1)
	}
	return slices.Insert(sizes, 2, 3)
}

// sweep tries sizes, to most. Each costs about its size. In the budget short it leaves out
// what does not fit into a part of a second; all else that does not fit leaves the case
// inconclusive, and so does less than least.
func (t *trial) sweep(what string, least, most int, try func(n int)) {
	limit := time.Second / 2
	if t.o.budget != Short {
		limit = t.patch()
	}
	if t.remote != nil { // each job comes over the pipe
		least, limit = min(least, 1<<8), max(limit, 2*time.Second)
	}
	start := time.Now()
	var each time.Duration // for each unit of the largest size so far
	left, largest := 0, 0
	isLeast := func(n int) bool { return n <= least }
	sizes := aroundPowers(most)
	rest := slices.DeleteFunc(slices.Clone(sizes), isLeast)
	sizes = slices.DeleteFunc(sizes, func(n int) bool { return !isLeast(n) })
	t.findPace()
	p := t.known()
	if need := time.Duration(8*least)*p.job + time.Duration(len(sizes))*p.made; need > t.patch() {
		t.inconclusive("it is too slow here: sizes to %d %s, the least that say anything, would take %v", least, what, need.Round(time.Millisecond))
	}
	sizes = append(sizes, rest...)
	for _, n := range sizes {
		passed := time.Since(start)
		need := passed + time.Duration(n)*each // which may cost twice as much when there are twice as many
		if n > largest && largest > 0 {
			need += time.Duration(n-largest) * each * time.Duration(n/largest)
		}
		if n <= least && passed > 2*t.patch() { // the pace was another one
			t.inconclusive("it is too slow here: in %v, sizes to %d %s could be tried, and %d is the least that says anything", passed.Round(time.Millisecond), largest, what, least)
		}
		if n > least && need > limit {
			left = max(left, n)
			continue
		}
		try(n)
		t.tried(what, n)
		if t.failed() {
			return
		}
		if n > largest {
			largest, each = n, (time.Since(start)-passed)/time.Duration(n)
		}
	}
	if left > 0 && t.o.budget != Short {
		t.slow("it is too slow here: not all sizes to %d %s could be tried", left, what)
	}
}

// A sequence is what jobs write that are to run once each, in the order of their
// numbers. It may be used by jobs that overlap by fault.
type sequence struct {
	times []atomic.Int32 // how often each has run
	ran   atomic.Int64
	wrong atomic.Int64 // 1 + the first place at which another job ran
	other atomic.Int64 // which one
	full  chan struct{}
}

func newSequence(n int) *sequence {
	return &sequence{times: make([]atomic.Int32, n), full: make(chan struct{})}
}

func (q *sequence) add(i int) {
	place := q.ran.Add(1) - 1
	if place != int64(i) && q.wrong.CompareAndSwap(0, place+1) {
		q.other.Store(int64(i))
	}
	q.times[i].Add(1)
	if place+1 == int64(len(q.times)) {
		close(q.full)
	}
}

// job returns the job with a number.
func (q *sequence) job(i int) func(*State) { return func(*State) { q.add(i) } }

// missing returns the first job that has not run, and how many have not.
func (q *sequence) missing() (first, n int) {
	first = -1
	for i := range q.times {
		if q.times[i].Load() == 0 {
			if n++; first < 0 {
				first = i
			}
		}
	}
	return first, n
}

// judged says what of a rule the sequence violates. Full is whether it has become full.
func (t *trial) judged(q *sequence, full bool, how string) {
	switch t.rule {
	case "EXE-1":
		for i := range q.times {
			if n := q.times[i].Load(); n > 1 {
				t.fatal("each job runs once, "+how, "job %d of %d ran %d times", i+1, len(q.times), n)
			}
		}
		if !full {
			t.inconclusive("%d of %d jobs ran: see EXE-2", q.ran.Load(), len(q.times))
		}
	case "EXE-2", "CLO-1":
		if first, n := q.missing(); !full || n > 0 {
			t.fatal("each job runs, "+how, "%d of %d did not, the first of them job %d", n, len(q.times), first+1)
		}
	default:
		if wrong := q.wrong.Load(); wrong > 0 && full {
			t.fatal("jobs run in the order of the calls, "+how, "at place %d of %d job %d ran", wrong, len(q.times), q.other.Load()+1)
		}
		if !full {
			t.inconclusive("%d of %d jobs ran: see EXE-2", q.ran.Load(), len(q.times))
		}
	}
}
