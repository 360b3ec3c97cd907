package conformance

import "sync/atomic"

// executionRules are about how often jobs run, and that they do not overlap.
func executionRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "EXE-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:    "No job runs twice.",
				Why:     "A counter would be incremented twice.",
				Mutants: []string{"duplicate-on-wake", "duplicate-on-growth"},
			},
			cases: []testCase{
				{name: "behind-a-job", run: onceBehindAJob},
				{name: "sizes", run: queueSizes(mostWaiting, byAsync)},
				{name: "idle-and-busy", run: idleAndBusy},
				plays("once", stochastic{templates: []template{idleEdge, contended, mixed}, owns: []string{"EXE-1"}}),
			},
		},
		{
			Rule: Rule{
				ID: "EXE-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:    "Every accepted job runs, unless its context ended first.",
				Why:     "Writes would be lost, and callers would wait forever.",
				Mutants: []string{"lost-under-contention", "lost-wakeup", "async-drops-when-full", "lost-when-overtaken"},
			},
			cases: []testCase{
				{name: "behind-a-job", run: allBehindAJob},
				{name: "overtaken", run: allOvertaken},
				{name: "from-jobs", run: asyncFromEachJob},
				{name: "idle-and-busy", run: idleAndBusy},
				{name: "one-after-another", run: oneAfterAnother},
				{name: "sizes", run: queueSizes(mostQueued, byAsync)},
				{name: "waiting-sizes", run: waitingSizes},
				{name: "future-sizes", needs: []Feature{FeatureFuture}, run: queueSizes(mostWaiting, byFuture)},
				{name: "waits", run: heldFor(notBefore, holdByJob)},
				{name: "rests", run: restsOf},
				plays("all", stochastic{templates: []template{idleEdge, growth, mixed, crowd}, owns: []string{"EXE-2"}, hangs: true}),
			},
		},
		{
			Rule: Rule{
				ID: "EXC-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
				Text:    "Two jobs of one object never overlap, from the first statement of each to the last, even while a job waits for something.",
				Why:     "The data has no other protection.",
				Mutants: []string{"two-drainers", "sync-unlocked-against-async"},
			},
			cases: []testCase{
				{name: "waiting-body", run: bodyWaits},
				{name: "idle-and-busy", run: idleAndBusy},
				{name: "times", run: heldFor(notBefore, holdByJob)},
				{name: "cancel", needs: []Feature{FeatureCancel}, run: cancelOnTurn},
				plays("bodies", stochastic{templates: []template{contended, idleEdge, barging}, owns: []string{"EXC-1"}}),
			},
		},
	}
}

func onceBehindAJob(t *trial) {
	o, r := t.object(), newRecord(t.jobs(500, 100))
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(r.job(i))
		}
	})
	if !t.comes(r.full) {
		t.inconclusive("%d of %d jobs ran: see EXE-2", len(r.get()), r.want)
	}
	t.fence(o)
	times := map[int]int{}
	for _, i := range r.get() {
		if times[i]++; times[i] > 1 {
			t.fatal("each job runs once", "the job of call %d of %d ran again", i, r.want)
		}
	}
}

func allBehindAJob(t *trial) {
	o, r := t.object(), newRecord(t.jobs(5000, 1000))
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(r.job(i))
		}
	})
	if !t.comes(r.full) {
		t.fatal("each job that was handed over runs", "%d of %d ran, and no goroutine can run any more", len(r.get()), r.want)
	}
	t.fence(o)
}

// allOvertaken has calls wait beside a goroutine that calls Do again and again. In its
// jobs it lets the others run, so that one that was woken finds the object taken.
func allOvertaken(t *trial) {
	o := t.object()
	for range 20 {
		g, started := t.gate(), make(chan struct{})
		dones := []<-chan struct{}{t.goes(func() {
			o.Do(func(*State) { close(started); g.wait() })
			for range 5 {
				o.Do(func(*State) { Pause{Yields: 5, Spins: 2000}.pass() })
			}
		})}
		t.await(started, "the job of a Do starts when its turn has come")
		for range 2 {
			dones = append(dones, t.goes(func() { o.Do(func(*State) {}) }))
		}
		t.briefly(dones[1])
		g.open()
		for _, done := range dones {
			t.await(done, "a Do beside others that come later returns in the end")
		}
	}
}

// asyncFromEachJob has the job of each kind of call hand over another one to its object.
func asyncFromEachJob(t *trial) {
	calls := t.quietCalls()
	for i, call := range calls {
		o, also := t.object(), t.object()
		var handed atomic.Int64
		ran := make(chan struct{}, 2)
		t.expect("a call of each kind returns")
		called := t.goes(func() {
			release := call(o, also, func(*State) {
				o.Async(func(*State) { ran <- struct{}{} })
				handed.Add(1)
			})
			if release != nil {
				release()
			}
			o.Do(func(*State) {})
		})
		if !t.comes(called) {
			t.inconclusive("Async does not return in a job of call %d of %d: see NST-2", i+1, len(calls))
		}
		if !t.comes(t.goes(func() {
			for range handed.Load() {
				<-ran
			}
		})) {
			t.fatal("a job that a job hands over to its own object runs", "it did not, from the job of call %d of %d", i+1, len(calls))
		}
	}
}

// bodyWaits keeps one job waiting and looks whether another one starts.
func bodyWaits(t *trial) {
	o := t.object()
	g := t.hold(o)
	type kind struct {
		name string
		call func(func(*State))
	}
	kinds := []kind{{"Async", o.Async}, {"Do", o.Do}}
	if t.has(FeatureFuture) {
		kinds = append(kinds, kind{"Future", func(job func(*State)) {
			o.(Futurer).Future(func(s *State) int { job(s); return 0 })
		}})
	}
	if t.has(FeatureCancel) {
		kinds = append(kinds, kind{"DoContext", func(job func(*State)) { o.(Canceler).DoContext(t.ctx, job) }})
	}
	var dones []<-chan struct{}
	for _, k := range kinds {
		started := make(chan struct{})
		dones = append(dones, t.goes(func() {
			k.call(func(*State) {
				close(started)
				select {
				case <-g.c:
				default:
					t.fail("a job that waits keeps the others out until it ends", "a job of %s started", k.name)
				}
			})
		}))
		t.patience(started)
	}
	g.open()
	for i, done := range dones {
		t.await(done, "%s returns when the job in front of its own has ended", kinds[i].name)
	}
	t.fence(o)
}
