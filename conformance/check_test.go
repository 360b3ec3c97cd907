package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// children is the option that makes child processes run the calling test.
func children(t *testing.T) Option {
	return WithChild(os.Args[0], "-test.run="+testPattern(t.Name()))
}

func check(t *testing.T, f Factory, opts ...Option) *Report {
	t.Helper()
	r, err := Check(t.Context(), f, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ruleByID(t *testing.T, id string) Rule {
	t.Helper()
	for _, r := range Rules() {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("there is no rule %s", id)
	return Rule{}
}

// Run judges as Check does, which is tried with the rules that rest on chance too.
func TestRunPassesACorrectObject(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	var rules []string
	for _, r := range Rules() {
		if r.Method != Stochastic {
			rules = append(rules, r.ID)
		}
	}
	Run(t, laneFactory(nil), WithRules(rules...))
}

func TestCheckPassesACorrectObject(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	r := check(t, laneFactory(nil), children(t))
	for _, rule := range r.Rules {
		want := []Verdict{Pass}
		switch info := ruleByID(t, rule.Rule); {
		case info.Method == Untestable:
			want = []Verdict{CannotTest}
		case info.Feature.byInterface() && info.Feature != FeatureFuture && info.Feature != FeatureClose:
			want = []Verdict{NotClaimed}
		case info.Method == RaceOnly && !raceEnabled:
			want = []Verdict{NotRun}
		}
		if !slices.Contains(want, rule.Verdict) {
			t.Errorf("%s: the verdict is %s (%s), want %s", rule.Rule, rule.Verdict, rule.Detail, want[0])
		}
	}
	if want := map[bool]Verdict{true: Pass, false: Inconclusive}[raceEnabled]; r.Verdict != want {
		t.Errorf("the report's verdict is %s, want %s; because %q", r.Verdict, want, r.Because)
	}
	if r.Partial == raceEnabled {
		t.Errorf("partial is %v; the memory rules need the race detector, and it is on: %v", r.Partial, raceEnabled)
	}
	slowdown := max(r.Environment.Slowdown, calibrate())
	if most := time.Duration(slowdown * float64(20*time.Second)); r.Duration > most && !raceEnabled {
		t.Errorf("the short budget took %v on a machine that is slower by %.1f, want at most %v", r.Duration, slowdown, most)
	}
	var again Report
	if data, err := json.Marshal(r); err != nil || json.Unmarshal(data, &again) != nil || again.Verdict != r.Verdict || len(again.Rules) != len(Rules()) {
		t.Errorf("the report does not survive as JSON: %v", err)
	}
}

// Each broken object must fail its rule, with these words.
func TestBrokenObjectsFail(t *testing.T) {
	lost := 0
	for _, tc := range []struct {
		name, rule string
		object     func(*lane) Object
		words      []string
	}{
		{"last first", "ORD-1/behind-a-job", lifo, []string{"ORD-1: expected: ", "at place"}},
		{"goroutine per job", "ORD-1/one-client", func(l *lane) Object {
			return broken{lane: l, async: func(job func(*State)) { go l.Do(job) }}
		}, []string{"ORD-1 violated: ", "ran first", "run ", "reproduced ", "from seed"}},
		{"lost jobs", "EXE-2/behind-a-job", func(l *lane) Object {
			return broken{lane: l, async: func(job func(*State)) {
				if lost++; lost%97 != 0 {
					l.Async(job)
				}
			}}
		}, []string{"EXE-2: expected: each job", "of 5000 ran"}},
		{"lost jobs", "EXE-2/all", func(l *lane) Object {
			return broken{lane: l, async: func(job func(*State)) {
				l.mu.Lock()
				full := len(l.jobs) >= 30
				l.mu.Unlock()
				if !full {
					l.Async(job)
				}
			}}
		}, []string{"EXE-2 violated: ", "never did"}},
		{"Do that forgets its caller", "SYN-1", func(l *lane) Object {
			return sayer{broken{lane: l, do: func(job func(*State)) { l.Do(job); select {} }}}
		}, []string{"META-2: expected: a Do on object 1, which is idle, returns", "no goroutine can run any more", "object 1: nothing queued", "goroutine "}},
		{"Async inline", "ASY-1", func(l *lane) Object {
			return broken{lane: l, async: func(job func(*State)) { l.Do(job) }}
		}, []string{"ASY-1: expected: call 1 of Async returns while a job of the object runs"}},
		{"panic in a method", "ASY-2", func(l *lane) Object {
			return broken{lane: l, async: func(func(*State)) { panic("not written yet") }}
		}, []string{"the object's methods do not panic", "not written yet", "check_test.go"}},
		{"New that panics", "ORD-1", func(*lane) Object { panic("no luck") }, []string{"META-1: ", "no luck"}},
		{"New that never returns", "ORD-1", func(*lane) Object { select {} }, []string{"META-1: expected: New returns", "no goroutine"}},
		{"New that returns nil", "ORD-1", func(*lane) Object { return nil }, []string{"META-1: expected: New returns an object", "nil"}},
		{"New that returns a nil pointer", "ORD-1", func(*lane) Object { return (*lane)(nil) }, []string{"it returned a nil pointer"}},
		{"an unclaimed method", "ORD-1", func(l *lane) Object {
			return struct {
				*lane
				Trier
			}{l, nil}
		}, []string{"META-1: ", "has the methods of \"try\", and the factory says nothing of it"}},
		{"a claim without methods", "ORD-1", func(l *lane) Object { return plain{l} }, []string{"META-1: ", "does not have the methods of \"future\""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			r := check(t, laneFactory(tc.object), WithRules(tc.rule))
			if r.Verdict != Fail {
				t.Errorf("the verdict is %s, want fail", r.Verdict)
			}
			var all strings.Builder
			for _, rule := range r.Rules {
				for _, c := range rule.Cases {
					if c.Failure != nil {
						all.WriteString(c.Failure.String() + "\n")
					}
				}
			}
			for _, w := range tc.words {
				if !strings.Contains(all.String(), w) {
					t.Errorf("the failure does not say %q:\n%s", w, all.String())
				}
			}
		})
	}
}

// A sayer says how it is.
type sayer struct{ broken }

func (sayer) String() string { return "nothing queued" }

func TestMETA2OneObjectTwice(t *testing.T) {
	one := newLane()
	r := check(t, Factory{
		Info:     Implementation{Name: "one"},
		New:      func(Setup) (Object, error) { return one, nil },
		Features: laneFactory(nil).Features,
	})
	if got := r.Rule("META-2"); got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, "it returned an object that it had returned before") {
		t.Errorf("META-2 is %s (%s), want a failure that says so", got.Verdict, got.Detail)
	}
	if got := r.Rule("ORD-1"); got.Verdict != NotRun || !r.Partial {
		t.Errorf("ORD-1 is %s and partial %v, want not-run, since there are no objects to check", got.Verdict, r.Partial)
	}
}

func TestFactoryErrors(t *testing.T) {
	good := laneFactory(nil)
	failing := good
	failing.New = func(Setup) (Object, error) { return nil, errors.New("out of lanes") }
	if got := check(t, failing).Rule("META-1"); got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, "out of lanes") {
		t.Errorf("META-1 is %s (%s), want a failure with the error of New", got.Verdict, got.Detail)
	}
	unknown, core := good, good
	unknown.Features = map[Feature]Claim{"colour": Supported()}
	core.Features = map[Feature]Claim{FeatureCore: Unsupported("no")}
	for _, tc := range []struct {
		name string
		f    Factory
		opts []Option
		want string
	}{
		{"no New", Factory{Info: good.Info}, nil, "Factory.New is nil"},
		{"no name", Factory{New: good.New}, nil, "Info.Name is empty"},
		{"unknown feature", unknown, nil, `unknown feature "colour"`},
		{"core disclaimed", core, nil, `"core" cannot be disclaimed`},
		{"unknown rule", good, []Option{WithRules("ORD-99")}, `unknown rule "ORD-99"`},
		{"unknown case", good, []Option{WithRules("ORD-1/nothing")}, `unknown rule "ORD-1/nothing"`},
		{"unknown skip", good, []Option{WithSkip("ORD-0", "no")}, `unknown rule "ORD-0"`},
		{"skip without reason", good, []Option{WithSkip("ORD-1", "")}, `the skip of "ORD-1" needs a reason`},
		{"unknown budget", good, []Option{WithBudget("long")}, `unknown budget "long"`},
		{"no time", good, []Option{WithWatchdog(0)}, "must be positive"},
		{"isolation alone", good, []Option{WithIsolation()}, "needs WithChild"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := Check(t.Context(), tc.f, tc.opts...)
			if r != nil || err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Check returned a report: %v, and the error %v, want one with %q", r != nil, err, tc.want)
			}
		})
	}
}

func TestUnsupportedNeedsAReason(t *testing.T) {
	if caught(func() { Unsupported("") }) == nil {
		t.Error(`Unsupported("") did not panic`)
	}
}

// A report that leaves something out never passes for a whole one.
func TestPartialReports(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	f := laneFactory(nil)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		name    string
		ctx     context.Context
		opts    []Option
		verdict Verdict // of ORD-1
		words   string
	}{
		{"selection", t.Context(), []Option{WithRules("EXE-1")}, Skipped, "not selected"},
		{"skip", t.Context(), []Option{WithRules("ORD-1", "EXE-1"), WithSkip("ORD-1", "a known fault")}, Skipped, "a known fault"},
		{"broken off", ended, nil, NotRun, "context canceled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := Check(tc.ctx, f, tc.opts...)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Rule("ORD-1"); got.Verdict != tc.verdict || !strings.Contains(got.Detail, tc.words) {
				t.Errorf("ORD-1 is %s (%s), want %s with %q", got.Verdict, got.Detail, tc.verdict, tc.words)
			}
			if !r.Partial || r.Verdict == Pass || !strings.Contains(strings.Join(r.Because, "\n"), "ORD-1") {
				t.Errorf("the report is partial: %v, its verdict %s, because %q; want a partial one that names ORD-1", r.Partial, r.Verdict, r.Because)
			}
		})
	}
}

func TestCrashInAChildIsReported(t *testing.T) {
	f := laneFactory(func(l *lane) Object {
		return broken{lane: l, async: func(func(*State)) {
			go func() { panic("bad wiring") }()
			select {}
		}}
	})
	r := check(t, f, children(t), WithIsolation(), WithRules("ASY-2/mutex"))
	got := r.Rule("ASY-2")
	if got.Verdict != Fail {
		t.Fatalf("ASY-2 is %s (%s), want a failure", got.Verdict, got.Detail)
	}
	if s := got.Cases[0].Failure.String(); !strings.Contains(s, "bad wiring") || !strings.Contains(s, "check_test.go") {
		t.Errorf("the failure does not show the stack of the crash:\n%s", s)
	}
}

// PAN-3 tells an object that swallows the panic from one that does not.
func TestPAN3SwallowedPanic(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	f := laneFactory(func(l *lane) Object {
		return broken{lane: l, async: func(job func(*State)) {
			l.Async(func(s *State) { defer func() { _ = recover() }(); job(s) })
		}}
	})
	if got := check(t, f, children(t), WithRules("PAN-3")).Rule("PAN-3"); got.Verdict != Fail {
		t.Errorf("PAN-3 is %s (%s), want a failure", got.Verdict, got.Detail)
	}
	if got := check(t, f, WithChild("/no/such/command"), WithRules("PAN-3")).Rule("PAN-3"); got.Verdict != NotRun {
		t.Errorf("PAN-3 is %s (%s) without a child process, want not-run", got.Verdict, got.Detail)
	}
	if got := check(t, f, WithChild(os.Args[0], "-test.run=^TestUnsupportedNeedsAReason$"), WithRules("PAN-3")).Rule("PAN-3"); got.Verdict != NotRun {
		t.Errorf("PAN-3 is %s (%s) when the child does not call Check, want not-run", got.Verdict, got.Detail)
	}
}

// A Do that takes no turn of its own orders nothing, which only the race detector sees.
func TestMEM1(t *testing.T) {
	if !raceEnabled {
		t.Skip("the memory rules need a test binary built with -race")
	}
	f := laneFactory(func(l *lane) Object {
		return broken{lane: l, do: func(job func(*State)) { job(l.state) }}
	})
	got := check(t, f, children(t), WithRules("MEM-1/do")).Rule("MEM-1")
	if got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Output, "WARNING: DATA RACE") {
		t.Errorf("MEM-1 is %s (%s), want a failure with the race detector's report", got.Verdict, got.Detail)
	}
}

func TestLEAK1AfterACase(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	stop := make(chan struct{})
	defer close(stop)
	f := laneFactory(func(l *lane) Object {
		leaked := false
		return broken{lane: l, do: func(job func(*State)) {
			if !leaked {
				leaked = true
				go func() { <-stop }()
			}
			l.Do(job)
		}}
	})
	r := check(t, f, WithRules("EXE-1/behind-a-job", "LEAK-1/idle-objects"))
	got := r.Rule("LEAK-1")
	after := slices.IndexFunc(got.Cases, func(c CaseResult) bool { return strings.HasPrefix(c.Case, "LEAK-1/after-") })
	if got.Verdict != Fail || got.Cases[0].Verdict != Fail || after < 0 || got.Cases[after].Verdict != Fail {
		t.Errorf("LEAK-1 is %s with the cases %+v, want a failure on its own and one after another rule's case", got.Verdict, got.Cases)
	}
}

// What an earlier case left behind goes on while a later one runs, which is not blamed.
func TestLEAK1BlamesNoLaterCase(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	for _, stuck := range []bool{true, false} {
		goOn, started, stop := make(chan struct{}), make(chan struct{}), make(chan struct{})
		rules := []checkedRule{{
			Rule: Rule{ID: "EXE-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic},
			cases: []testCase{
				{rule: "EXE-2", name: "first", run: func(t *trial) {
					t.stuck = stuck
					go func() { <-goOn; go func() { close(started); <-stop }() }()
				}},
				{rule: "EXE-2", name: "second", run: func(*trial) { close(goOn); <-started }},
			},
		}}
		r, err := newRunner(rules, laneFactory(func(l *lane) Object { return l }), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range rules[0].cases {
			r.runCase(t.Context(), c)
		}
		if got := r.leak != nil; got == stuck {
			t.Errorf("something hangs after the first case: %v; a goroutine is left after a case: %v (%+v)", stuck, got, r.leak)
		}
		close(stop)
	}
}

// Goroutines that are left come after the finding, those that are alike together.
func TestLEAK1ShowsWhatIsLeft(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	stop := make(chan struct{})
	defer close(stop)
	f := laneFactory(func(l *lane) Object {
		go func() { <-stop }()
		return l
	})
	got := check(t, f, WithRules("LEAK-1/idle-objects")).Rule("LEAK-1")
	if got.Verdict != Fail {
		t.Fatalf("LEAK-1 is %s (%s), want a failure", got.Verdict, got.Detail)
	}
	fail := got.Cases[0].Failure
	if strings.Contains(fail.Message, "goroutine 1") || !strings.Contains(fail.Message, "with 200 idle objects there are 200") {
		t.Errorf("the message is\n%s", fail.Message)
	}
	if !strings.Contains(fail.Dump, ", and 199 more like it:\n") || strings.Count(fail.Dump, "goroutine ") > 2 || !strings.Contains(fail.Dump, "TestLEAK1ShowsWhatIsLeft") {
		t.Errorf("the goroutines are shown as\n%s", fail.Dump)
	}
}
