package conformance

import "context"

// nestedRules are about jobs that use objects.
func nestedRules() []checkedRule {
	handler := []Feature{FeaturePanicHandler}
	return []checkedRule{
		{
			Rule: Rule{
				ID: "NST-1", Level: Must, Feature: FeatureParallel, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "A job may call any object but its own, and wait for it, as long as there is no cycle of waits.",
				Why:     "Objects could not be built from objects.",
				Mutants: []string{"global-worker", "global-lock"},
			},
			cases: []testCase{
				{name: "chain", run: chainOfObjects},
				{name: "from-async", run: nestedInAsync},
			},
		},
		{
			Rule: Rule{
				ID: "NST-2", Level: Must, Feature: FeatureCore, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:      "A job may hand over background jobs to its own object. They go to the end of the queue.",
				Why:       "A long task could not be cut into steps, with other jobs between them.",
				ImpliedBy: []string{"ORD-2"},
				Mutants:   []string{"own-async-in-front"},
			},
			cases: []testCase{
				{name: "own-async", run: ownAsync},
				{name: "own-future", needs: []Feature{FeatureFuture}, run: ownFuture},
			},
		},
		{
			Rule: Rule{
				ID: "NST-3", Level: Should, Feature: FeatureCore, Profile: ConcurrencyProfile, Method: Untestable,
				Text:   "A job that waits for its own object, or that closes a cycle of waits, gets an error or a panic where the implementation can tell.",
				Why:    "The fault would be a silent deadlock.",
				Reason: "The contract allows a plain Do to block, as a mutex does, and implementations report a cycle in different ways.",
			},
		},
		{
			Rule: Rule{
				ID: "LOCK-1", Level: Must, Feature: FeatureUnbounded, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "No job and no handler runs while an internal lock is held: every call that does not wait for its turn returns meanwhile.",
				Why:     "A job could deadlock with a caller that only wants to queue something.",
				Mutants: []string{"global-lock", "handler-holds-turn"},
			},
			cases: []testCase{
				{name: "own-object", run: callsWhileJobRuns},
				{name: "in-job", run: callsInJob},
				{name: "handler", needs: handler, run: handlerUsesObject},
			},
		},
	}
}

func chainOfObjects(t *trial) {
	objects := make([]Object, t.objectsAtPace(100, 5, 1))
	for i := range objects {
		objects[i] = t.object()
	}
	var down func(i int)
	reached := 0
	down = func(i int) {
		if i < len(objects) {
			objects[i].Do(func(*State) { reached++; down(i + 1) })
		}
	}
	t.expect("a job calls Do on the next of %d objects, and so on, and all return", len(objects))
	down(0)
	if reached != len(objects) {
		t.fatal("every Do of a chain runs its job", "%d of %d ran when the first one returned", reached, len(objects))
	}
}

func nestedInAsync(t *trial) {
	a, b := t.object(), t.object()
	for range 20 {
		done := make(chan struct{})
		a.Async(func(*State) {
			t.within(func() {
				b.Do(func(*State) {})
				if t.has(FeatureFuture) {
					b.(Futurer).Future(func(*State) int { return 1 })(context.Background())
				}
				close(done)
			})
		})
		b.Async(func(*State) {})
		t.await(done, "a background job calls another object, waits for it, and ends")
	}
}

func ownAsync(t *trial) {
	o, r := t.object(), newRecord(6)
	g, started := t.gate(), make(chan struct{})
	t.goes(func() {
		o.Async(func(*State) {
			defer t.catch()
			close(started)
			g.wait()
			for i := 3; i < 6; i++ {
				o.Async(r.job(i))
			}
		})
	})
	t.await(started, "a job on an idle object starts")
	queued := t.goes(func() {
		for i := range 3 {
			o.Async(r.job(i))
		}
	})
	inTime := t.comes(queued)
	g.open()
	t.await(queued, "Async returns")
	if !inTime {
		t.inconclusive("Async does not return while a job runs: see ASY-1")
	}
	t.inOrder(r, "what a job hands over to its own object takes its place behind what is queued")
}

func ownFuture(t *trial) {
	o, r := t.object(), newRecord(4)
	f := o.(Futurer)
	g, started := t.gate(), make(chan struct{})
	waits := make(chan Wait, 2)
	t.goes(func() {
		o.Async(func(*State) {
			defer t.catch()
			close(started)
			g.wait()
			for i := 2; i < 4; i++ {
				waits <- f.Future(func(*State) int { r.add(i); return i })
			}
		})
	})
	t.await(started, "a job on an idle object starts")
	queued := t.goes(func() {
		for i := range 2 {
			o.Async(r.job(i))
		}
	})
	inTime := t.comes(queued)
	g.open()
	t.await(queued, "Async returns")
	if !inTime {
		t.inconclusive("Async does not return while a job runs: see ASY-1")
	}
	t.inOrder(r, "a Future that a job makes of its own object takes its place behind what is queued")
	for i := 2; i < 4; i++ {
		t.expect("the wait for a Future that a job made of its own object ends")
		if v, err := (<-waits)(t.ctx); err != nil || v != i {
			t.fatal("the future has the value of its job", "want %d, got %d and the error %v", i, v, err)
		}
	}
}

// callsWhileJobRuns makes all calls that do not wait for a turn, from outside.
func callsWhileJobRuns(t *trial) {
	o := t.object()
	for _, way := range []string{"Async", "Do"} {
		g, started := t.gate(), make(chan struct{})
		job := func(*State) { close(started); g.wait() }
		busy := t.goes(func() {
			if way == "Do" {
				o.Do(job)
			} else {
				o.Async(job)
			}
		})
		t.await(started, "the job of %s starts", way)
		t.noWait(o, "while a job of "+way+" runs")
		other := t.object()
		t.do(other, func(*State) {}, "a Do on another object returns while a job of %s runs", way)
		g.open()
		t.await(busy, "%s returns", way)
		t.fence(o)
	}
}

// callsInJob makes them in the job itself.
func callsInJob(t *trial) {
	o := t.object()
	for _, way := range []string{"Async", "Do"} {
		done := make(chan struct{})
		use := func() {
			t.noWait(o, "in a job of "+way+" on the same object")
			other := t.object()
			t.expect("Async on another object returns in a job of %s", way)
			other.Async(func(*State) {})
			if t.has(FeatureParallel) { // else this job may have the goroutine that the other's needs
				t.do(other, func(*State) {}, "a Do on another object returns in a job of %s", way)
			}
			close(done)
		}
		job := func(*State) { t.within(use) }
		t.goes(func() {
			if way == "Do" {
				o.Do(job)
			} else {
				o.Async(job)
			}
		})
		select {
		case <-done:
		case <-t.ctx.Done():
			return
		}
		t.fence(o)
	}
}

// noWait makes the calls of o that must return while a job of o runs.
func (t *trial) noWait(o Object, when string) {
	t.expect("Async returns %s", when)
	o.Async(func(*State) {})
	if t.has(FeatureFuture) {
		t.expect("Future returns %s", when)
		o.(Futurer).Future(func(*State) int { return 0 })
	}
	if t.has(FeatureTry) {
		t.expect("TryDo returns %s", when)
		if o.(Trier).TryDo(func(*State) {}) {
			t.fail("TryDo is refused "+when, "it was not")
		}
	}
	if t.has(FeatureSuspend) {
		t.expect("Suspend returns %s", when)
		o.(Suspender).Suspend()()
	}
	if t.has(FeatureAfter) {
		t.expect("After returns %s", when)
		settle, _ := o.(Afterer).After(func(*State, int, error) int { return 0 })
		settle(0, nil)
	}
	if t.has(FeatureCancel) {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		t.expect("DoContext with a context that has ended returns %s", when)
		if o.(Canceler).DoContext(ended, func(*State) {}) == nil {
			t.fail("DoContext with a context that has ended returns an error "+when, "it returned nil")
		}
	}
}

// handlerUsesObject waits for the object in the handler.
func handlerUsesObject(t *trial) {
	o := t.object()
	done := make(chan struct{})
	o.(PanicPolicy).OnPanic(func(any) {
		defer t.catch()
		o.Async(func(*State) {})
		o.Do(func(*State) {})
		close(done)
	})
	o.Async(func(*State) { panic(thrown) })
	o.Async(func(*State) {})
	t.await(done, "the handler of a panic uses the object, and waits for it")
	t.fence(o)
}
