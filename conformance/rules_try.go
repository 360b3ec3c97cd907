package conformance

import "sync/atomic"

// tryRules are about calls that do not wait.
func tryRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "TRY-1", Level: Must, Feature: FeatureTry, Profile: CancelProfile, Method: Deterministic,
				Text:    "A Try never waits: on a busy object it is refused at once. A refused Try has no effect, on later calls either.",
				Why:     "A failed attempt would block all others.",
				Mutants: []string{"refused-try-wedges"},
			},
			cases: []testCase{
				{name: "busy", run: tryBusy},
				{name: "queued", run: tryQueued},
			},
		},
		{
			Rule: Rule{
				ID: "TRY-2", Level: Must, Feature: FeatureTry, Profile: CancelProfile, Method: Deterministic,
				Text:    "If nobody else uses the object, a Try succeeds directly after a Do has returned.",
				Why:     "The object would look busy for no reason that the caller can see.",
				Mutants: []string{"refused-try-wedges", "turn-passed-late"},
			},
			cases: []testCase{
				{name: "after-do", run: tryAfterDo},
				{name: "after-refusal", run: tryAfterRefusal},
			},
		},
	}
}

func tryBusy(t *trial) {
	o := t.object()
	try := o.(Trier)
	for range 20 {
		g := t.hold(o)
		var ran atomic.Bool
		for range 3 {
			t.expect("a Try on a busy object returns at once")
			if try.TryDo(func(*State) { ran.Store(true) }) {
				t.fatal("a Try on a busy object is refused", "it returned true while another job ran")
			}
		}
		g.open()
		t.do(o, func(*State) {}, "a Do after a refused Try returns")
		ok := make(chan struct{})
		o.Async(func(*State) { close(ok) })
		t.await(ok, "an Async after a refused Try runs")
		if ran.Load() {
			t.fatal("the job of a refused Try never runs", "it ran")
		}
	}
}

// tryQueued tries while jobs are queued, running and ending, and counts.
func tryQueued(t *trial) {
	o := t.object()
	for range t.rounds(200, 20, 6) {
		var runs, queued atomic.Int64
		for i := range int64(5) {
			o.Async(func(*State) { queued.Add(1) })
			t.expect("a Try returns at once")
			if o.(Trier).TryDo(func(*State) {
				runs.Add(1)
				if queued.Load() != i+1 {
					t.fail("a Try is refused while jobs are queued", "it ran in front of one that was queued before")
				}
			}) {
				if runs.Load() == 0 {
					t.fatal("the job of a Try that returned true has run", "it has not")
				}
				runs.Add(-1)
			}
		}
		t.do(o, func(*State) {}, "a Do after some Trys returns")
		if runs.Load() != 0 {
			t.fatal("the job of a refused Try never runs", "it ran")
		}
		if queued.Load() != 5 {
			t.fatal("a Try does no harm to queued jobs", "%d of 5 ran", queued.Load())
		}
		if t.failed() {
			return
		}
	}
}

func tryAfterDo(t *trial) {
	o := t.object()
	for i := range t.rounds(1000, 100, 2) {
		if i%2 == 1 {
			o.Async(func(*State) {})
		}
		t.fence(o)
		t.mustTry(o, "straight after a Do has returned")
		t.mustTry(o, "straight after another Try")
	}
}

func tryAfterRefusal(t *trial) {
	o := t.object()
	for range t.rounds(100, 20, 2) {
		g := t.hold(o)
		t.expect("a Try on a busy object returns at once")
		o.(Trier).TryDo(func(*State) {})
		g.open()
		t.fence(o)
		t.mustTry(o, "straight after a Do, with a refused Try before it")
	}
}

func (t *trial) mustTry(o Object, when string) {
	ran := false
	t.expect("a Try %s returns", when)
	if !o.(Trier).TryDo(func(*State) { ran = true }) {
		t.fatal("a Try succeeds "+when, "it was refused")
	}
	if !ran {
		t.fatal("the job of a Try that returned true has run", "it has not")
	}
}
