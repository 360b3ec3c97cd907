package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Cases about time: what goes wrong after a job, a wait or a rest of some length, which
// nobody knows. So lengths are spread over all of a span, and calls arrive at every
// moment of it, on many objects at once. Nothing is judged by how long it takes.

// A span is what lengths are spread over.
type span struct {
	length   time.Duration
	arrivals int // of calls, spread over the length
}

// arrivalEvery is how far apart the calls arrive, all objects together: a window of half
// a millisecond is met by six.
const arrivalEvery = 80 * time.Microsecond

func (t *trial) span() span {
	length := 400 * time.Millisecond
	if t.o.budget != Short {
		length = 3300 * time.Millisecond
	}
	return span{length, int(length / arrivalEvery)}
}

// objectsFor makes up to n objects and uses each, for as long as the span allows. It cuts
// the arrivals down to what objects as slow as these get done in time, and notes what
// is left: it stands behind a pass.
func (t *trial) objectsFor(s *span, n int) (objects []Object) {
	start := time.Now()
	for len(objects) == 0 || len(objects) < n && time.Since(start) < 2*s.length {
		o := t.object()
		t.fence(o)
		objects = append(objects, o)
	}
	each := time.Since(start) / time.Duration(len(objects))
	s.arrivals = min(s.arrivals, len(objects)*max(1, int(s.length/max(each, 1))))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note = fmt.Sprintf("%d calls on %d objects, spread over 0 to %v", s.arrivals, len(objects), s.length)
	return objects
}

// A hold keeps an object for some time. It is to call over when that has passed, and
// before anything else may run.
type hold func(t *trial, o Object, i int, d time.Duration, over func())

// heldFor returns a case that holds objects for times that are spread over the span, and
// lets calls arrive all the while. None of their jobs may run before the hold is over.
func heldFor(what string, h hold) func(*trial) {
	return func(t *trial) {
		s, many := t.span(), 150
		if !t.has(FeatureParallel) {
			many = 1
		}
		objects := t.objectsFor(&s, many)
		n := len(objects)
		rng := rand.New(rand.NewPCG(t.subject.o.seed, 3))
		ran := newCount(s.arrivals + n)
		for i, o := range objects {
			d := s.length // of half of them, and of a lone one
			if i%2 == 1 {
				d = time.Duration((float64(i) + rng.Float64()) / float64(n) * float64(s.length))
			}
			var over atomic.Bool
			t.expect("a call that holds an object returns")
			h(t, o, i, d, func() { over.Store(true); ran.add() })
			for a := i; a < s.arrivals; a += n {
				at := time.Duration((float64(a) + rng.Float64()) / float64(s.arrivals) * float64(d))
				time.AfterFunc(at, func() {
					t.within(func() {
						job := func() {
							if !over.Load() && t.rule != "EXE-2" && t.rule != "SUS-2" {
								t.fail(what, "a job ran that was handed over %v after an object had been held, for %v in all", at.Round(time.Microsecond), d.Round(time.Microsecond))
							}
							ran.add()
						}
						if t.rule != "EXC-1" || a%3 != 0 || !t.has(FeatureTry) {
							t.arrive(o, a/n, job)
						} else if !o.(Trier).TryDo(func(*State) { job() }) {
							ran.add() // refused, as it should be
						}
					})
				})
			}
		}
		t.expect("the calls that arrive while an object is held for up to %v return, and their jobs run", s.length)
		time.Sleep(s.length)
		if t.comes(ran.full) || t.failed() {
			return
		}
		lost, all := ran.want-ran.n.Load(), ran.want
		switch t.rule {
		case "SUS-2", "AFT-1":
			if t.goesOnAfter(s.length) {
				t.fatal(what, "%d of %d jobs never ran, and behind a job that takes as long they do", lost, all)
			}
			fallthrough
		default:
			t.inconclusive("%d of %d jobs did not run: see EXE-2", lost, all)
		case "EXE-2":
		}
		t.fail("what is handed over while an object is held runs in the end", "%d of %d jobs never ran", lost, all)
	}
}

// arrive makes a call of some kind. Few of them wait, since each that waits takes a
// goroutine.
func (t *trial) arrive(o Object, i int, job func()) {
	plain := func(*State) { job() }
	switch {
	case i%10 == 9 && t.has(FeatureCancel):
		if o.(Canceler).DoContext(context.Background(), plain) != nil {
			t.fail("a call whose context does not end runs its job", "it gave an error")
		}
	case i%5 == 4:
		o.Do(plain)
	case i%5 == 3 && t.has(FeatureFuture):
		o.(Futurer).Future(func(*State) int { job(); return 0 })
	default:
		o.Async(plain)
	}
}

// notBefore is what a job promises to those behind it.
const notBefore = "no job runs before the one in front of it has ended, however long that takes"

func holdByJob(t *trial, o Object, i int, d time.Duration, over func()) {
	started := make(chan struct{})
	job := func(*State) { close(started); time.Sleep(d); over() }
	switch {
	case i%4 == 1:
		t.goes(func() { o.Do(job) })
	case i%4 == 2 && t.has(FeatureFuture):
		o.(Futurer).Future(func(s *State) int { job(s); return 0 })
	case i%4 == 3 && t.has(FeatureCancel):
		t.goes(func() { _ = o.(Canceler).DoContext(context.Background(), job) })
	default:
		t.goes(func() { o.Async(job) })
	}
	t.await(started, "a job on an idle object starts")
}

func holdBySuspend(t *trial, o Object, _ int, d time.Duration, over func()) {
	resume := o.(Suspender).Suspend()
	time.AfterFunc(d, func() { t.within(func() { over(); resume() }) })
}

func holdByAfter(t *trial, o Object, _ int, d time.Duration, over func()) {
	settle, _ := o.(Afterer).After(func(*State, int, error) int { return 0 })
	time.AfterFunc(d, func() { t.within(func() { over(); settle(0, nil) }) })
}

// restsOf leaves objects alone for times that are spread over the span, and calls them
// then: each rests for some time, and then for what is left of the span. The rests begin
// at different moments. If they all began at one, a process that is stopped for a while
// would have no rest of the lengths that end meanwhile.
func restsOf(t *trial) {
	s := t.span()
	objects := t.objectsFor(&s, s.arrivals/2)
	rng := rand.New(rand.NewPCG(t.subject.o.seed, 4))
	n := len(objects)
	woken := newCount(3 * n)
	pending := make([]atomic.Int64, n) // the rest after which a call has not run
	for i, o := range objects {
		rest := time.Duration((float64(i) + rng.Float64()) / float64(n) * float64(s.length))
		after := func(d time.Duration, then func()) {
			time.AfterFunc(d, func() {
				t.within(func() {
					pending[i].Store(int64(d))
					t.arrive(o, i, func() { pending[i].Store(0); woken.add(); then() })
				})
			})
		}
		begin := time.Duration(rng.Float64() * float64(s.length/4))
		after(begin, func() { after(rest, func() { after(s.length-rest, func() {}) }) })
	}
	t.expect("a call on an object that has rested for up to %v returns, and its job runs", s.length)
	time.Sleep(s.length + s.length/4)
	if t.comes(woken.full) || t.failed() {
		return
	}
	count, first := 0, time.Duration(0)
	for i := range pending {
		if d := time.Duration(pending[i].Load()); d != 0 {
			if count++; first == 0 || d < first {
				first = d
			}
		}
	}
	t.fail("a call on an object that has rested returns, and its job runs", "%d of %d jobs never ran, the first after a rest of %v", count, 3*n, first.Round(time.Microsecond))
}
