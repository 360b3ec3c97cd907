package conformance

import (
	"sync/atomic"
)

// inTurns calls f with 0 to n-1: in this order, in the other one, or both ends in turns.
func inTurns(round, n int, f func(i int)) {
	for k := range n {
		switch round % 3 {
		case 0:
			f(k)
		case 1:
			f(n - 1 - k)
		default:
			if k%2 == 0 {
				f(k / 2)
			} else {
				f(n - 1 - k/2)
			}
		}
	}
}

// suspendSizes has many suspensions on one object, with a job behind each.
func suspendSizes(t *trial) {
	round := 0
	t.sweep("suspensions", 1<<8, mostWaiting, func(n int) {
		o, q := t.object(), newSequence(n)
		resumed := make([]atomic.Bool, n)
		resumes := make([]func(), n)
		for i := range n {
			t.expect("Suspend and Async on a suspended object return at once")
			resumes[i] = o.(Suspender).Suspend()
			o.Async(func(*State) {
				if !resumed[i].Load() {
					t.fail("nothing that is handed over after a Suspend runs before its resume", "a job behind suspension %d of %d did", i+1, n)
				}
				q.add(i)
			})
		}
		inTurns(round, n, func(i int) {
			resumed[i].Store(true)
			t.expect("resume returns at once")
			resumes[i]()
		})
		round++
		t.await(q.full, "all jobs run when all %d suspensions have been resumed", n)
		t.ordered(o, q)
	})
}

// afterSizes has many values awaited on one object.
func afterSizes(t *trial) {
	round := 0
	t.sweep("values that are awaited", 1<<8, mostWaiting, func(n int) {
		o, q := t.object(), newSequence(n)
		settles := make([]func(int, error), n)
		for i := range n {
			t.expect("After returns at once")
			settles[i], _ = o.(Afterer).After(func(_ *State, v int, err error) int {
				if v != i || err != nil {
					t.fail("an After job gets the value or error that settle was given", "want %d, got %d and the error %v, with %d that wait", i, v, err, n)
				}
				q.add(i)
				return v
			})
		}
		inTurns(round, n, func(i int) { settles[i](i, nil) })
		round++
		t.await(q.full, "all jobs run when all %d values have come", n)
		t.ordered(o, q)
	})
}

// ordered judges the order of jobs that have run, and is done with the object.
func (t *trial) ordered(o Object, q *sequence) {
	t.fence(o)
	if wrong := q.wrong.Load(); wrong > 0 {
		t.fatal("jobs run in the order of the calls", "at place %d of %d job %d ran", wrong, len(q.times), q.other.Load()+1)
	}
	t.closeSince(0)
}

// sharesSizes has one job hold many objects, all of which are busy before.
func sharesSizes(t *trial) {
	t.sweep("objects of one job", 1<<5, t.shares(), func(n int) {
		objects := make([]Object, 1+n)
		for i := range objects {
			objects[i] = t.object()
		}
		own := make([]*State, len(objects))
		var held atomic.Int64
		g := t.hold(objects[n/2])
		for i, o := range objects {
			t.expect("Async returns")
			o.Async(func(s *State) { own[i] = s; held.Add(1) })
		}
		done := t.goes(func() {
			objects[0].(MultiHolder).DoAll(objects[1:], func(states []*State) {
				if got := held.Load(); got != int64(len(objects)) {
					t.fail("a job on several objects runs after everything that was handed over to any of them before", "%d of %d jobs had run", got, len(objects))
					return
				}
				for i := range objects {
					if len(states) != len(objects) || states[i] != own[i] {
						t.fail("the job on several objects gets the state of each, this object's first", "state %d is not that of object %d, of %d", i+1, i+1, len(objects))
						return
					}
				}
			})
		})
		g.open()
		t.await(done, "DoAll on %d objects returns when all have been free", len(objects))
		for _, o := range objects {
			t.fence(o)
		}
		t.closeSince(0)
	})
}

// severalSizes has many jobs wait for the same two objects.
func severalSizes(t *trial) {
	t.sweep("jobs on two objects", 1<<5, t.shares(), func(n int) {
		a, b := t.object(), t.object()
		var c callers
		g := t.hold(a)
		c.start(t, n, func(i int) {
			x, y := a, b
			if i%2 == 1 {
				x, y = b, a
			}
			x.(MultiHolder).DoAll([]Object{y}, func([]*State) { c.ran.Add(1) })
		})
		g.open()
		c.all(t, c.done(), n, "each of %d jobs on two objects runs", n)
		t.fence(a)
		t.fence(b)
		t.closeSince(0)
	})
}
