package conformance

import "sync/atomic"

// orderRules are about the order in which jobs run.
func orderRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "ORD-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:      "The jobs that one goroutine hands over to one object run in the order of its calls.",
				Why:       "Code that writes and then reads, without waiting in between, would read the old value.",
				ImpliedBy: []string{"ORD-2"},
				Mutants:   []string{"lifo", "random-pick", "mutex-per-goroutine-job"},
			},
			cases: []testCase{
				{name: "behind-a-job", run: oneClientBehindAJob},
				plays("one-client", stochastic{templates: []template{alone, growth}, owns: []string{"ORD-"}}),
			},
		},
		{
			Rule: Rule{
				ID: "ORD-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:    "If one call has returned before another one begins, the job of the first runs before the job of the second, whichever goroutines call.",
				Why:     "A goroutine that learns of another's call, by a channel for instance, could not rely on it.",
				Mutants: []string{"queue-per-client", "random-pick", "mutex-per-goroutine-job"},
			},
			cases: []testCase{
				{name: "in-turns", run: clientsInTurns},
				plays("clients", stochastic{templates: []template{relay, mixed, idleEdge, crowd}, owns: []string{"ORD-"}}),
			},
		},
		{
			Rule: Rule{
				ID: "ORD-3", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:      "All kinds of call share one order. Nothing overtakes a job whose call has returned, not even a call that waits. Calls that wait at the same time (Do, DoContext) may run in any order among themselves while nothing else is queued; FAIR-2 sets a limit to it.",
				Why:       "A read that waits for its turn would miss earlier writes.",
				ImpliedBy: []string{"ORD-2"},
				Mutants:   []string{"sync-barging", "futures-second-queue", "sync-skips-queue", "newcomer-overtakes-async"},
			},
			cases: []testCase{
				{name: "do-behind-async", run: doBehindAsync},
				{name: "future-behind-async", needs: []Feature{FeatureFuture}, run: futureBehindAsync},
				{name: "newcomer", run: newcomerBehindAsync},
				{name: "times", run: longWaitsInOrder},
				{name: "sizes", run: behindSizes},
				plays("kinds", stochastic{templates: []template{barging, mixed, crowd}, owns: []string{"ORD-"}}),
			},
		},
		{
			Rule: Rule{
				ID: "ORD-4", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:      "The order holds however long the queue grows, however often it is filled and emptied, and each time the object becomes idle and busy again.",
				Why:       "Queues go wrong in these places, and small tests seldom reach them.",
				ImpliedBy: []string{"ORD-2"},
				Mutants:   []string{"order-broken-after-growth", "ring-wrap-off-by-one"},
			},
			cases: []testCase{
				{name: "long-queue", run: longQueue},
				{name: "fill-and-empty", run: fillAndEmpty},
				{name: "idle-and-busy", run: idleAndBusy},
				{name: "sizes", run: queueSizes(mostQueued, byAsync)},
				{name: "future-sizes", needs: []Feature{FeatureFuture}, run: queueSizes(mostWaiting, byFuture)},
				plays("queue", stochastic{templates: []template{growth, wrap, idleEdge}, kinds: []string{stepAsync, stepAsync, stepDo}, owns: []string{"ORD-"}}),
			},
		},
	}
}

func oneClientBehindAJob(t *trial) {
	o, r := t.object(), newRecord(t.jobs(200, 20))
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(r.job(i))
		}
	})
	t.inOrder(r, "the jobs of one goroutine run in the order of its calls")
}

func clientsInTurns(t *trial) {
	const clients = 4
	o, r := t.object(), newRecord(t.jobs(200, 20)/clients*clients)
	t.whileHeld(o, func() {
		for i := 0; i < r.want; i += clients {
			for c := range clients { // each call by a goroutine of its own, one after the other
				done := t.goes(func() { o.Async(r.job(i + c)) })
				select {
				case <-done:
				case <-t.ctx.Done():
					return
				}
			}
		}
	})
	t.inOrder(r, "jobs whose calls came one after the other, from different goroutines, run in the order of the calls")
}

func doBehindAsync(t *trial) {
	o, r := t.object(), newRecord(51)
	called := make(chan struct{})
	g := t.hold(o)
	done := t.goes(func() {
		for i := range r.want - 1 {
			o.Async(r.job(i))
		}
		close(called)
		o.Do(r.job(r.want - 1))
	})
	t.patience(called)
	t.patience(done) // for a Do that does not wait
	g.open()
	t.await(done, "a Do behind queued jobs returns when they are done")
	t.inOrder(r, "a Do runs after what its goroutine handed over before it")
}

func futureBehindAsync(t *trial) {
	o, r := t.object(), newRecord(90)
	f := o.(Futurer)
	t.whileHeld(o, func() {
		for i := 0; i < r.want; i += 3 {
			o.Async(r.job(i))
			f.Future(func(*State) int { r.add(i + 1); return 0 })
			o.Async(r.job(i + 2))
		}
	})
	t.inOrder(r, "the jobs of futures and of Async share one order")
}

// newcomerBehindAsync has a goroutine call Do again as soon as its first Do has returned.
// Others wait then, in front of an Async that returned long before and behind it. One
// that waits for its turn may be on its way; the newcomer is behind the Async anyway.
func newcomerBehindAsync(t *trial) {
	o := t.object()
	for range 20 {
		var ran atomic.Bool
		g, started := t.gate(), make(chan struct{})
		holder := t.goes(func() {
			o.Do(func(*State) { close(started); g.wait() })
			seen := false
			o.Do(func(*State) { seen = ran.Load() })
			if !seen {
				t.fail("a Do runs after a job whose call had returned before it began, although others wait in front of that job", "it ran first")
			}
		})
		t.await(started, "the job of a Do starts when its turn has come")
		front := t.goes(func() { o.Do(func(*State) {}) })
		t.briefly(front) // most often it waits in front then
		if !t.comes(t.goes(func() { o.Async(func(*State) { ran.Store(true) }) })) {
			g.open()
			t.inconclusive("Async does not return while a job of the object runs: see ASY-1")
		}
		behind := t.goes(func() { o.Do(func(*State) {}) })
		t.briefly(behind)
		g.open()
		for _, done := range []<-chan struct{}{holder, front, behind} {
			t.await(done, "a Do beside others returns")
		}
		if t.failed() {
			return
		}
	}
}

func longQueue(t *trial) {
	n := 20_000
	if t.o.budget != Short {
		n = 300_000
	}
	n = t.jobs(n, 5_000)
	t.tried("queued jobs", n)
	o, r := t.object(), newRecord(n)
	t.whileHeld(o, func() { // the queue is not to grow from its beginning
		for range 5 {
			o.Async(func(*State) {})
		}
	})
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(r.job(i))
		}
	})
	t.inOrder(r, "jobs run in the order of the calls, however many are queued")
}

// fillAndEmpty lets the ends of a ring, or of chunks, meet in all ways.
func fillAndEmpty(t *trial) {
	o := t.object()
	var lengths []int
	for n := range 70 {
		lengths = append(lengths, n)
	}
	for _, n := range []int{127, 128, 129, 3, 255, 256, 257, 5, 511, 512, 513, 100, 64, 63, 65} {
		lengths = append(lengths, n)
	}
	t.jobs(6_000, 6_000)
	t.tried("queued jobs", lengths...)
	for _, n := range lengths {
		r := newRecord(n + 1)
		t.whileHeld(o, func() {
			for i := range r.want {
				o.Async(r.job(i))
			}
		})
		t.inOrder(r, "jobs run in the order of the calls, however often the queue was filled and emptied")
	}
}
