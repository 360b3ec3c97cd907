package conformance

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
)

// The cases in which something comes just when the object is about to wait for it: a
// resume, a value, a wait for a future, the end of a context.

// meets calls round again and again, with pauses that are swept over some microseconds, and
// notes how often. If a round does not return, and it is not that the object loses jobs
// of every kind, what is violated.
func (t *trial) meets(what string, round func(o Object, pause func())) {
	rng := rand.New(rand.NewPCG(t.subject.o.seed, 6))
	spins := spinsIn(4 * time.Microsecond)
	start := time.Now()
	for n, o := 0, t.object(); n < 4 || time.Since(start) < t.slice(); n++ {
		if time.Since(start) > t.slice()+t.patch() {
			return // a slow object: the number tells
		}
		runtime.GOMAXPROCS([]int{2, runtime.NumCPU(), 1}[n%3])
		t.expect("all calls return")
		rounds := int64(0)
		done := t.goes(func() {
			for began := time.Now(); rounds < 1000 && !t.failed() && time.Since(began) < t.slice()/8; rounds++ {
				round(o, func() { spin(rng.IntN(spins)) })
			}
		})
		if !t.comes(done) {
			if t.failed() {
				return
			}
			if t.rule == "EXC-1" || !t.goesOnAfter(0) {
				t.inconclusive("not all calls return: see EXE-2 and CAN-3")
			}
			t.fatal(what, "after some thousand rounds in which the two met, nothing came any more")
		}
		t.mu.Lock()
		t.crossings += rounds
		t.mu.Unlock()
		if t.failed() {
			return
		}
	}
}

func resumeOnArrival(t *trial) {
	ran := make(chan struct{}, 1)
	t.meets("a resume ends its suspension, whenever it comes", func(o Object, pause func()) {
		resume := o.(Suspender).Suspend()
		o.Async(func(*State) { ran <- struct{}{} })
		pause()
		resume()
		<-ran
	})
}

func valueOnArrival(t *trial) {
	ran := make(chan struct{}, 1)
	t.meets("an After job runs when its value has come, whenever that is", func(o Object, pause func()) {
		settle, _ := o.(Afterer).After(func(*State, int, error) int { ran <- struct{}{}; return 0 })
		pause()
		settle(1, nil)
		<-ran
	})
}

func waitAtEnd(t *trial) {
	t.meets("a wait for a future ends when its job has, whenever it begins", func(o Object, pause func()) {
		wait := o.(Futurer).Future(func(*State) int { return 1 })
		pause()
		if v, err := wait(t.ctx); v != 1 || err != nil {
			t.fail("every wait for a future gives the one result", "one that began when the job ended gave %d and the error %v, want 1", v, err)
		}
	})
}

// cancelOnTurn ends contexts when the turn of their calls comes, with another job behind.
func cancelOnTurn(t *trial) {
	var inside atomic.Int64
	takes := func(spins int) func(*State) {
		return func(*State) {
			if n := inside.Add(1); n > 1 {
				t.fail("jobs of one object do not overlap", "%d ran at once, when the context of a call ended as its turn came", n)
			}
			spin(spins)
			inside.Add(-1)
		}
	}
	job, long := takes(500), takes(50_000) // long enough for another goroutine to start
	t.meets("all calls return", func(o Object, pause func()) {
		ctx, cancel := context.WithCancel(context.Background())
		var over, called atomic.Bool
		o.Async(func(*State) {
			for !over.Load() {
				runtime.Gosched()
			}
		})
		done := t.goes(func() {
			called.Store(true)
			_ = o.(Canceler).DoContext(ctx, long)
		})
		for !called.Load() {
			runtime.Gosched()
		}
		pause()
		o.Async(job)
		pause()
		cancel()
		pause()
		over.Store(true)
		<-done
		o.Do(job)
	})
}
