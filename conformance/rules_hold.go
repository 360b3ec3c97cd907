package conformance

import (
	"context"
	"errors"
	"sync/atomic"
)

// holdRules are about calls that hold the object for longer than a job.
func holdRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "AFT-1", Level: Must, Feature: FeatureAfter, Profile: FutureProfile, Method: Deterministic,
				Text:    "An After job takes its place in the queue at the call. When the place is reached, it holds the object until its value or error is there, and then runs with it.",
				Why:     "The job would run at another place in the order than the one it was given.",
				Mutants: []string{"after-runs-early"},
			},
			cases: []testCase{
				{name: "holds", run: afterHolds},
				{name: "settled-early", run: afterSettledEarly},
				{name: "sizes", run: afterSizes},
				{name: "arrival", run: valueOnArrival},
				{name: "times", run: heldFor("an After holds the object until its value has come, however long that takes", holdByAfter)},
			},
		},
		{
			Rule: Rule{
				ID: "SUS-1", Level: Must, Feature: FeatureSuspend, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "Jobs handed over before a Suspend run. Jobs handed over after it do not run before its resume.",
				Why:     "The caller would use the data while a job uses it.",
				Mutants: []string{"suspend-ignored"},
			},
			cases: []testCase{
				{name: "holds", run: suspendHolds},
				{name: "place", run: suspendPlace},
				{name: "times", run: heldFor("nothing that is handed over after a Suspend runs before its resume, however late that comes", holdBySuspend)},
				{name: "sizes", run: lastSuspensionSizes},
			},
		},
		{
			Rule: Rule{
				ID: "SUS-2", Level: Must, Feature: FeatureSuspend, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "Resume may be called before the place is reached, on any goroutine, and more than once. It ends its own suspension and no other.",
				Why:     "The object would stand still forever, or run jobs during another caller's suspension.",
				Mutants: []string{"resume-ends-next", "early-resume-lost"},
			},
			cases: []testCase{
				{name: "early", run: resumeEarly},
				{name: "twice", run: resumeTwice},
				{name: "times", run: heldFor("a resume ends its suspension, however late it comes", holdBySuspend)},
				{name: "sizes", run: suspendSizes},
				{name: "arrival", run: resumeOnArrival},
			},
		},
	}
}

func afterHolds(t *trial) {
	bad := errors.New("no value")
	for _, give := range []struct {
		v   int
		err error
	}{{42, nil}, {0, bad}} {
		o, r := t.object(), newRecord(5)
		var settled atomic.Bool
		o.Async(r.job(0))
		o.Async(r.job(1))
		t.expect("After returns at once")
		settle, wait := o.(Afterer).After(func(_ *State, v int, err error) int {
			if !settled.Load() {
				t.fail("an After job does not run before its value has come", "it ran before settle was called")
			} else if v != give.v || err != give.err {
				t.fail("an After job gets the value or error that settle was given", "want %d and %v, got %d and %v", give.v, give.err, v, err)
			}
			r.add(2)
			return v + 1
		})
		t.expect("Async behind an After returns at once")
		o.Async(func(*State) {
			if !settled.Load() {
				t.fail("an After holds the object until its value has come", "a job behind it ran before that")
			}
			r.add(3)
		})
		behind := t.goes(func() { o.Do(r.job(4)) })
		t.patience(behind)
		settled.Store(true)
		settle(give.v, give.err)
		t.expect("the wait for an After ends when its job has")
		if v, err := wait(context.Background()); v != give.v+1 || err != nil {
			t.fail("the wait gives the result of the After job", "want %d, got %d and the error %v", give.v+1, v, err)
		}
		t.await(behind, "a Do behind an After returns")
		t.inOrder(r, "an After job and its neighbours run in the order of the calls")
	}
}

func afterSettledEarly(t *trial) {
	o, r := t.object(), newRecord(3)
	t.whileHeld(o, func() {
		o.Async(r.job(0))
		settle, _ := o.(Afterer).After(func(_ *State, v int, err error) int { r.add(v); return v })
		o.Async(r.job(2))
		settle(1, nil)
	})
	t.await(r.full, "an After whose value came before its place was reached runs in its place")
	t.inOrder(r, "an After whose value came before its place was reached runs in its place")
}

func suspendHolds(t *trial) {
	o := t.object()
	before := make(chan struct{})
	o.Async(func(*State) { close(before) })
	t.expect("Suspend returns at once")
	resume := o.(Suspender).Suspend()
	t.await(before, "what was handed over before a Suspend runs")
	var resumed atomic.Bool
	early := func(way string) func(*State) {
		return func(*State) {
			if !resumed.Load() {
				t.fail("nothing that is handed over after a Suspend runs before its resume", "a job of %s did", way)
			}
		}
	}
	t.expect("Async on a suspended object returns at once")
	o.Async(early("Async"))
	done := t.goes(func() { o.Do(early("Do")) })
	t.patience(done)
	if t.has(FeatureTry) {
		t.expect("TryDo on a suspended object returns at once")
		if o.(Trier).TryDo(func(*State) {}) {
			t.fail("TryDo on a suspended object is refused", "it was not")
		}
	}
	resumed.Store(true)
	resume()
	t.await(done, "a Do on a suspended object returns after the resume")
	t.fence(o)
}

func suspendPlace(t *trial) {
	o, r := t.object(), newRecord(6)
	var resumed atomic.Bool
	var resume func()
	suspended := make(chan struct{})
	t.whileHeld(o, func() {
		for i := range 3 {
			o.Async(r.job(i))
		}
		resume = o.(Suspender).Suspend()
		for i := 3; i < 6; i++ {
			o.Async(func(*State) {
				if !resumed.Load() {
					t.fail("nothing that is handed over after a Suspend runs before its resume", "job %d of 6 did, with the Suspend behind the third", i+1)
				}
				r.add(i)
			})
		}
		close(suspended)
	})
	t.patience(r.full)
	resumed.Store(true)
	resume()
	t.await(r.full, "all jobs around a Suspend run after its resume")
	t.inOrder(r, "the jobs around a Suspend run in the order of the calls")
}

func resumeEarly(t *trial) {
	o, r := t.object(), newRecord(2)
	t.whileHeld(o, func() {
		o.Async(r.job(0))
		resume := o.(Suspender).Suspend()
		o.Async(r.job(1))
		resume()
	})
	t.await(r.full, "a resume that came before the place of its Suspend was reached counts")
	t.fence(o)
}

func resumeTwice(t *trial) {
	o := t.object()
	first := o.(Suspender).Suspend()
	second := o.(Suspender).Suspend()
	var resumed atomic.Bool
	ran := make(chan struct{})
	o.Async(func(*State) {
		if !resumed.Load() {
			t.fail("a resume ends its own suspension and no other, however often it is called", "a job ran before the second suspension was resumed")
		}
		close(ran)
	})
	for range 3 {
		t.expect("resume returns at once")
		first()
	}
	t.await(t.goes(first), "resume returns on another goroutine")
	t.patience(ran)
	resumed.Store(true)
	second()
	t.await(ran, "a job behind two suspensions runs after both resumes")
	first()
	second()
	t.fence(o)
}
