package conformance

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// closeRules are about closing.
func closeRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "CLO-1", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Stochastic,
				Text:    "Close returns when everything that was accepted before it was called has run. A job that is accepted while Close is called runs too.",
				Why:     "Work would be lost at every shutdown.",
				Mutants: []string{"dropped-on-close"},
			},
			cases: []testCase{
				{name: "queued", run: closeDrains},
				{name: "times", run: closedWhileHeld},
				{name: "sizes", run: closeSizes},
				{name: "racing", run: closeAgainstSubmit},
			},
		},
		{
			Rule: Rule{
				ID: "CLO-2", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A job that is submitted after Close has returned is refused. Its caller is told, and it never runs.",
				Why:     "The caller would count on work that is never done.",
				Mutants: []string{"late-work-accepted"},
			},
			cases: []testCase{
				{name: "late", run: lateIsRefused},
			},
		},
		{
			Rule: Rule{
				ID: "CLO-3", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A second Close returns, whether it is called after the first one or at the same time.",
				Why:     "Two owners, or a deferred Close after an explicit one, would hang.",
				Mutants: []string{"second-close-hangs"},
			},
			cases: []testCase{
				{name: "again", run: closeAgain},
				{name: "beside", run: closeBeside},
			},
		},
	}
}

func closeDrains(t *trial) {
	const n = 50
	o := t.object()
	g := t.hold(o)
	var accepted, ran atomic.Int64
	queued := t.goes(func() {
		for range n {
			if o.(Closer).Submit(func(*State) { ran.Add(1) }) {
				accepted.Add(1)
			}
		}
	})
	t.patience(queued)
	g2 := t.goes(func() {
		select {
		case <-queued:
		case <-t.ctx.Done():
			return
		}
		o.(Closer).Close()
		if got, want := ran.Load(), accepted.Load(); got != want {
			t.fail("Close returns when everything that was accepted has run", "%d of %d jobs had", got, want)
		}
	})
	t.patience(g2)
	g.open()
	t.await(g2, "Close returns when everything that was accepted has run")
	if got := accepted.Load(); got != n {
		t.fail("Submit refuses nothing before Close is called", "it accepted %d of %d", got, n)
	}
}

// closeSizes closes objects on which many jobs are queued.
func closeSizes(t *trial) {
	t.sweep("queued jobs", 1<<8, mostQueued, func(n int) {
		o, q := t.object(), newSequence(n)
		t.fill(o, func() {
			for i := range n {
				if !o.(Closer).Submit(q.job(i)) {
					t.fail("Submit refuses nothing before Close is called", "it refused job %d of %d", i+1, n)
					return
				}
			}
		})
		t.expect("Close returns when %d jobs have run", n)
		o.(Closer).Close()
		t.judged(q, true, "when Close returns")
		t.closeSince(0)
	})
}

func closeAgainstSubmit(t *trial) {
	for round := range int64(t.objectsAtPace(200, 25, 10)) {
		o := t.object()
		var called, accepted, ran atomic.Int64
		var clients sync.WaitGroup
		start := make(chan struct{})
		for c := range 3 {
			clients.Go(func() {
				defer t.catch()
				<-start
				for i := range 10 {
					spin(c * i * 10)
					called.Add(1)
					if o.(Closer).Submit(func(*State) { runtime.Gosched(); ran.Add(1) }) {
						accepted.Add(1)
					}
				}
			})
		}
		closed := t.goes(func() {
			<-start
			for called.Load() < round%25 {
				runtime.Gosched()
			}
			o.(Closer).Close()
		})
		close(start)
		t.await(closed, "Close returns while others submit")
		t.expect("Submit returns while and after Close is called")
		clients.Wait()
		// A job that was accepted while Close ran has run when a later Close returns.
		t.expect("a second Close returns")
		o.(Closer).Close()
		if a, r := accepted.Load(), ran.Load(); a != r {
			t.fatal("what Submit accepts while Close is called runs, and nothing else", "%d jobs were accepted, %d ran", a, r)
		}
	}
}

func lateIsRefused(t *trial) {
	o := t.object()
	t.expect("Close of an idle object returns")
	o.(Closer).Close()
	var ran atomic.Bool
	for range 3 {
		t.expect("Submit after Close returns")
		if o.(Closer).Submit(func(*State) { ran.Store(true) }) {
			t.fatal("Submit after Close has returned is refused", "it was accepted")
		}
	}
	t.expect("a second Close returns")
	o.(Closer).Close()
	if ran.Load() {
		t.fatal("a job that was refused never runs", "it ran")
	}
}

func closeAgain(t *trial) {
	o := t.object()
	t.expect("the first Close returns")
	t.fence(o)
	for i := range 3 {
		t.expect("Close returns when it is called for the %d. time", i+1)
		o.(Closer).Close()
	}
}

func closeBeside(t *trial) {
	o := t.object()
	g := t.hold(o)
	var dones []<-chan struct{}
	for range 3 {
		done := t.goes(func() { o.(Closer).Close() })
		t.patience(done)
		dones = append(dones, done)
	}
	g.open()
	for _, done := range dones {
		t.await(done, "Close returns beside other calls of Close")
	}
}
