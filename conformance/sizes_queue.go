package conformance

import "fmt"

// A call of these cases hands over the i-th of some jobs.
type handing func(o Object, i int, job func(*State))

func byAsync(o Object, _ int, job func(*State)) { o.Async(job) }

func byFuture(o Object, i int, job func(*State)) {
	if i%2 == 0 {
		o.(Futurer).Future(func(s *State) int { job(s); return 0 })
	} else {
		o.Async(job)
	}
}

// queueSizes tries queues of many lengths.
func queueSizes(most int, call handing) func(*trial) {
	return func(t *trial) {
		t.sweep("queued jobs", min(most, 1<<12), most, func(n int) { t.fillTakeFill(n, call) })
	}
}

// fillTakeFill queues n jobs, lets a third of them run, and queues more until there are
// n+2. If what holds the queue is a ring for n, it is not at its beginning when it
// grows.
func (t *trial) fillTakeFill(n int, call handing) {
	o := t.object()
	take := 1 + n/3
	q := newSequence(n + take + 2)
	how := fmt.Sprintf("with %d queued, some of them run, and as many queued again and two more", n)
	at, more := make(chan struct{}), t.gate()
	g := t.hold(o)
	queue := func(from, to int) {
		done := t.goes(func() {
			for i := from; i < to; i++ {
				job := q.job(i)
				if i == take-1 {
					job = func(*State) { q.add(i); close(at); more.wait() }
				}
				call(o, i, job)
			}
		})
		if !t.comes(done) {
			t.inconclusive("Async does not return with %d jobs queued: see ASY-1", n)
		}
	}
	queue(0, n)
	g.open()
	if !t.comes(at) {
		t.judged(q, false, how)
	}
	queue(n, n+take+2)
	more.open()
	full := t.comes(q.full)
	if full {
		t.fence(o)
	}
	t.judged(q, full, how)
	t.closeSince(0)
}
