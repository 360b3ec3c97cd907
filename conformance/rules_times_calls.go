package conformance

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// The cases about time in which each call is judged by itself: it goes wrong if it has
// waited, or its job has run, for longer than some time.

// forTimes runs f for many objects at once, each with a time out of the span, and returns
// when all have returned. A lone object has the longest.
func (t *trial) forTimes(expected string, f func(o Object, i int, d time.Duration)) {
	s := t.span()
	s.arrivals = 150
	if !t.has(FeatureParallel) {
		s.arrivals = 1
	}
	objects := t.objectsFor(&s, s.arrivals)
	rng := rand.New(rand.NewPCG(t.subject.o.seed, 5))
	var all sync.WaitGroup
	for i, o := range objects {
		d := time.Duration((float64(i) + 1 - rng.Float64()) / float64(len(objects)) * float64(s.length))
		if len(objects) == 1 {
			d = s.length
		}
		all.Go(func() { t.within(func() { f(o, i, d) }) })
	}
	done := t.goes(all.Wait)
	t.expect("%s, with times up to %v", expected, s.length)
	time.Sleep(s.length)
	if !t.comes(done) && !t.failed() {
		t.inconclusive("some of the calls do not return: see EXE-2 and SYN-1")
	}
}

// busyFor has a job of the object run for a time. It returns when that has begun.
func (t *trial) busyFor(o Object, d time.Duration) {
	started := make(chan struct{})
	o.Async(func(*State) { close(started); time.Sleep(d) })
	<-started
}

// longWaits has a Do wait for a long time.
func longWaits(t *trial) {
	t.forTimes("a Do that waits returns", func(o Object, i int, d time.Duration) {
		t.busyFor(o, d)
		began := time.Now()
		var ran atomic.Bool
		o.Do(func(*State) { ran.Store(true) })
		if !ran.Load() {
			t.fail("Do returns when its own job is done, however long it has waited", "it returned after %v, and its job had not run", time.Since(began).Round(time.Microsecond))
		}
	})
}

// longWaitsInOrder has a Do wait for a long time behind jobs whose calls have returned.
func longWaitsInOrder(t *trial) {
	t.forTimes("a Do that waits behind others returns", func(o Object, i int, d time.Duration) {
		t.busyFor(o, d)
		var before atomic.Int64
		for range 2 {
			o.Async(func(*State) { before.Add(1) })
		}
		began := time.Now()
		o.Do(func(*State) {
			if before.Load() < 2 {
				t.fail("nothing overtakes a job whose call has returned, not even a call that has waited for long", "a Do ran after %v, before jobs that had been handed over before it", time.Since(began).Round(time.Microsecond))
			}
		})
	})
}

// longRuns ends the contexts of DoContexts whose jobs run for a long time.
func longRuns(t *trial) {
	t.forTimes("a DoContext returns when its job has ended", func(o Object, i int, d time.Duration) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var ran atomic.Bool
		err := o.(Canceler).DoContext(ctx, func(*State) { ran.Store(true); cancel(); time.Sleep(d) })
		if ran.Load() && err != nil {
			t.fail("a job that has run is not reported as not run, however long it took", "its context ended in the job, which took %v; DoContext returned %v", d.Round(time.Microsecond), err)
		}
	})
}

// askedLater asks futures for their results a long time after their jobs have ended.
func askedLater(t *trial) {
	t.forTimes("a wait for a future returns", func(o Object, i int, d time.Duration) {
		wait := o.(Futurer).Future(func(*State) int { return i + 1 })
		for _, after := range []time.Duration{0, d} {
			time.Sleep(after)
			if v, err := wait(context.Background()); v != i+1 || err != nil {
				t.fail("every wait for a future gives the same result, however late it comes", "%v after its job had returned %d, it gave %d and the error %v", after.Round(time.Microsecond), i+1, v, err)
			}
		}
	})
}

// closedWhileHeld closes objects that are held for a long time.
func closedWhileHeld(t *trial) {
	t.forTimes("Close returns", func(o Object, i int, d time.Duration) {
		var ran atomic.Int64
		want := int64(2)
		if i%2 == 1 && t.has(FeatureAfter) {
			settle, _ := o.(Afterer).After(func(*State, int, error) int { ran.Add(1); return 0 })
			time.AfterFunc(d, func() { t.within(func() { settle(0, nil) }) })
		} else if !o.(Closer).Submit(func(*State) { time.Sleep(d); ran.Add(1) }) {
			want--
		}
		if !o.(Closer).Submit(func(*State) { ran.Add(1) }) {
			want--
		}
		began := time.Now()
		o.(Closer).Close()
		if n := ran.Load(); n < want {
			t.fail("Close returns when everything that was accepted before it has run, however long that takes", "it returned after %v, when %d of %d jobs had run", time.Since(began).Round(time.Microsecond), n, want)
		}
	})
}

// goesOnAfter reports whether a new object, which is held by a job for so long, runs what
// comes next. If it does not, it is not the hold of another kind that is at fault.
func (t *trial) goesOnAfter(d time.Duration) bool {
	o, ran := t.object(), newCount(1)
	t.busyFor(o, d)
	o.Async(func(*State) { ran.add() })
	return t.comes(ran.full)
}
