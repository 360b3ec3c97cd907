package conformance

import (
	"context"
	"math/rand/v2"
	"sync"
)

// The cases here go over every edge of memory that the rules promise, for each kind of
// call that the object has. As in rules_memory.go nothing but the object orders memory:
// no locks, no atomics, and no channels between the goroutines that matter.

// quietKinds has clients call in all ways on two objects, so that each kind of call
// comes behind each other one, and so that what the objects share shows.
func quietKinds(t *trial) {
	const clients, rounds = 4, 200
	objects := []Object{t.object(), t.object()}
	calls := t.quietCalls()
	t.expect("all calls of %d clients on two objects return", clients)
	var wg sync.WaitGroup
	for c := range clients {
		rng := rand.New(rand.NewPCG(t.subject.o.seed, uint64(c)))
		wg.Go(func() {
			t.within(func() {
				job := func(s *State) { s.sum += c; s.runs++; s.log = append(s.log, c) }
				for range rounds {
					at := rng.IntN(2)
					release := calls[rng.IntN(len(calls))](objects[at], objects[1-at], job)
					spin(rng.IntN(300))
					if release != nil {
						release()
					}
				}
			})
		})
	}
	wg.Wait()
	for _, o := range objects {
		var runs, log int
		t.do(o, func(s *State) { runs, log = s.runs, len(s.log) }, "a Do at the end returns")
		if runs != log {
			t.fatal("a job sees all that earlier jobs wrote", "%d jobs counted themselves, and %d wrote to the log", runs, log)
		}
	}
}

// quietHolds looks at what holds the object without a job, and at several objects: what
// is written before a resume, and by a job of one object, is there for the next job.
func quietHolds(t *trial) {
	const rounds = 150
	a, b := t.object(), t.object()
	t.expect("all calls return")
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			t.within(func() {
				for range rounds {
					if t.has(FeatureSuspend) {
						note := 0
						resume := a.(Suspender).Suspend()
						a.Async(func(s *State) { s.sum += note })
						ready := make(chan struct{})
						go func() { note = 1; resume(); close(ready) }()
						a.Do(func(s *State) { s.sum += note })
						<-ready
					}
					if t.has(FeatureSeveral) {
						note := 0
						a.Async(func(s *State) { s.sum++; note++ })
						b.Async(func(s *State) { s.sum++ })
						a.(MultiHolder).DoAll([]Object{b}, func(states []*State) {
							states[0].sum += states[1].sum
							states[1].sum, note = states[0].sum, note+1
						})
						b.Do(func(s *State) { s.sum += note })
					}
					a.Do(func(s *State) { s.sum++ })
					b.Do(func(s *State) { s.sum++ })
				}
			})
		})
	}
	wg.Wait()
}

// callsCarry looks at the way into the job of each call that waits, and back.
func callsCarry(t *trial) {
	const clients, rounds = 4, 100
	o, other := t.object(), t.object()
	t.expect("all calls return")
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			t.within(func() {
				for i := range rounds {
					box := []int{i, 0}
					job := func(*State) { box[1] = box[0] + 1 }
					o.Do(job)
					o.Async(job) // for whoever comes behind it
					if t.has(FeatureTry) && !o.(Trier).TryDo(job) {
						spin(i * 10) // so that a look without a lock is no edge
						o.Do(job)
					}
					if t.has(FeatureSeveral) {
						o.(MultiHolder).DoAll([]Object{other}, func([]*State) { box[1]++ })
					}
					if t.has(FeatureCancel) {
						t.canceledCarries(o)
						if o.(Canceler).DoContext(context.Background(), job) != nil {
							t.fail("a call whose context has not ended runs its job", "it gave an error")
						}
					}
					o.Do(job)
					if box[1] != i+1 {
						t.fail("a job sees what the caller wrote before the call, and the caller what the job wrote", "%d was made of %d", box[1], i)
						return
					}
				}
			})
		})
	}
	wg.Wait()
	if !t.has(FeatureClose) {
		return
	}
	box := []int{1, 0}
	o.(Closer).Submit(func(*State) { box[1] = box[0] + 1 })
	o.(Closer).Close()
	if box[1] != 2 {
		t.fail("whoever closes the object sees what its jobs wrote", "2 is expected, and %d is there", box[1])
	}
}

// canceledCarries lets a context end beside the call: whoever is told that the job does
// not run sees what was written before the end of the context, and may use what the job
// refers to.
func (t *trial) canceledCarries(o Object) {
	ctx, cancel := context.WithCancel(context.Background())
	note, mine := 0, 0
	go func() { note = 1; cancel() }()
	if o.(Canceler).DoContext(ctx, func(*State) { mine++ }) != nil {
		mine = note
	}
	mine++
}

// waitsCarry looks at every way of waiting for a result.
func waitsCarry(t *trial) {
	const clients, rounds = 3, 50
	o := t.object()
	t.expect("all calls and waits return")
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			t.within(func() {
				for i := range rounds {
					box := []int{i, 0}
					job := func(*State) int { box[1] = box[0] + 1; return box[1] }
					t.seenByAll(o.(Futurer).Future(job), box)
					if t.has(FeatureCancelFuture) {
						ctx, cancel := context.WithCancel(context.Background())
						t.seenByAll(o.(FutureCanceler).FutureContext(ctx, job), box)
						cancel()
						t.canceledFutureCarries(o)
					}
					if t.has(FeatureAfter) {
						note := 0
						settle, wait := o.(Afterer).After(func(_ *State, v int, _ error) int { box[1] = v + note; return box[1] })
						go func() { note = 1; settle(i, nil) }()
						t.seenByAll(wait, box)
					}
				}
			})
		})
	}
	wg.Wait()
}

// seenByAll waits for a result on two goroutines, early and late, with a context and
// without.
func (t *trial) seenByAll(wait Wait, box []int) {
	look := func(ctx context.Context) {
		if v, err := wait(ctx); err != nil || v != box[1] || v != box[0]+1 {
			t.fail("whoever waits for a future sees its value and what the job wrote", "want %d, got the value %d, the error %v and %v", box[0]+1, v, err, box)
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		defer t.catch()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		look(ctx)
	})
	look(context.Background())
	wg.Wait()
	look(context.Background())
}

func (t *trial) canceledFutureCarries(o Object) {
	ctx, cancel := context.WithCancel(context.Background())
	note, mine := 0, 0
	wait := o.(FutureCanceler).FutureContext(ctx, func(*State) int { mine++; return mine })
	go func() { note = 1; cancel() }()
	if _, err := wait(context.Background()); err != nil {
		mine = note
	}
	mine++
}
