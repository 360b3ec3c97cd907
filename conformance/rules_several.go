package conformance

import "sync/atomic"

// severalRules are about jobs on several objects.
func severalRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "MUL-1", Level: Must, Feature: FeatureSeveral, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "A job on several objects holds all of them from its start to its end. It runs after everything that was handed over to any of them before.",
				Why:     "A transfer between two accounts could be seen half done.",
				Mutants: []string{"several-hold-one"},
			},
			cases: []testCase{
				{name: "holds", run: severalHold},
				{name: "place", run: severalPlace},
				{name: "sizes", run: sharesSizes},
			},
		},
		{
			Rule: Rule{
				ID: "MUL-2", Level: Must, Feature: FeatureSeveral, Profile: ConcurrencyProfile, Method: Stochastic,
				Text:    "Jobs on several objects do not deadlock with each other, in whatever order each names its objects.",
				Why:     "All callers would have to agree on one order of all objects.",
				Mutants: []string{"several-deadlock"},
			},
			cases: []testCase{
				plays("crossing", stochastic{templates: []template{crossing}, objects: 3, owns: []string{"EXE-", "EXC-", "ORD-"}, hangs: true}),
				{name: "sizes", run: severalSizes},
			},
		},
	}
}

// severalHold keeps a job on three objects waiting.
func severalHold(t *trial) {
	objects := []Object{t.object(), t.object(), t.object()}
	own := make([]*State, len(objects))
	for i, o := range objects {
		t.do(o, func(s *State) { own[i] = s }, "a Do returns")
	}
	g, started := t.gate(), make(chan struct{})
	var ended atomic.Bool
	done := t.goes(func() {
		objects[0].(MultiHolder).DoAll(objects[1:], func(states []*State) {
			for i := range own {
				if len(states) != len(own) || states[i] != own[i] {
					t.fail("the job on several objects gets the state of each, this object's first", "state %d of %d is not that of object %d", i+1, len(states), i+1)
					break
				}
			}
			close(started)
			g.wait()
			ended.Store(true)
		})
		if !ended.Load() {
			t.fail("DoAll returns when its job has ended", "it returned before that")
		}
	})
	t.await(started, "a job on several idle objects starts")
	for i, o := range objects {
		o.Async(func(*State) {
			if !ended.Load() {
				t.fail("a job on several objects holds all of them until it ends", "a job on object %d of 3 ran meanwhile", i+1)
			}
		})
		dipped := t.goes(func() { o.Do(func(*State) {}) })
		t.patience(dipped)
	}
	g.open()
	t.await(done, "DoAll returns when its job has ended")
	for _, o := range objects {
		t.fence(o)
	}
}

// severalPlace lets it wait for each of its objects in turn.
func severalPlace(t *trial) {
	for held := range 3 {
		objects := []Object{t.object(), t.object(), t.object()}
		g := t.hold(objects[held])
		var open atomic.Bool
		var ran atomic.Int64
		queued := t.goes(func() {
			for _, o := range objects {
				o.Async(func(*State) { ran.Add(1) })
			}
		})
		if !t.comes(queued) {
			t.inconclusive("Async does not return while a job runs: see ASY-1")
		}
		done := t.goes(func() {
			objects[0].(MultiHolder).DoAll(objects[1:], func([]*State) {
				if !open.Load() {
					t.fail("a job on several objects waits until it has all of them", "it ran while another job of object %d of 3 did", held+1)
				} else if got := ran.Load(); got != 3 {
					t.fail("a job on several objects runs after everything that was handed over to any of them before", "%d of 3 jobs had run", got)
				}
			})
		})
		t.patience(done)
		open.Store(true)
		g.open()
		t.await(done, "DoAll returns when all of its objects have been free")
	}
}
