package conformance

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// However New misbehaves, from whichever call on, there is a verdict that says so, and
// no rule reads pass that was not judged.
func TestBadNew(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	one := newLane()
	for _, bad := range []struct {
		name, words string
		new         func() Object
	}{
		{"exits", "it ended its goroutine by runtime.Goexit", func() Object { runtime.Goexit(); return nil }},
		{"nil", "it returned nil", func() Object { return nil }},
		{"typed nil", "it returned a nil pointer, of type *conformance.lane", func() Object { return (*lane)(nil) }},
		{"panics", `it panicked with "no lanes", of type string`, func() Object { panic("no lanes") }},
		{"blocks", "New returns\n  happened: it never will", func() Object { select {} }},
		{"the same", "", func() Object { return one }},
	} {
		for _, from := range []int64{1, 3} {
			var calls atomic.Int64
			f := laneFactory(nil)
			good := f.New
			f.New = func(s Setup) (Object, error) {
				if calls.Add(1) >= from {
					return bad.new(), nil
				}
				return good(s)
			}
			name := bad.name
			if from > 1 {
				name += " later"
			}
			t.Run(name, func(t *testing.T) {
				if apart.Ran(t) {
					return
				}
				r := check(t, f)
				said := ""
				for _, rule := range r.Rules {
					switch {
					case rule.Verdict == Pass && !strings.HasPrefix(rule.Rule, "META-"):
						t.Errorf("%s reads pass (%s)", rule.Rule, rule.Detail)
					case rule.Verdict == Fail:
						said += rule.Cases[0].Failure.Message + "\n"
					}
				}
				if r.Verdict != Fail || !strings.Contains(said, bad.words) {
					t.Errorf("the verdict is %s, want fail with %q; it says\n%s", r.Verdict, bad.words, said)
				}
			})
		}
	}
}

// New is right for long enough that the run has begun.
func TestNewFailsInACase(t *testing.T) {
	for _, rule := range []string{"SYN-1/own-job-done", "SYN-1/cells", "EXE-1/once", "PAR-1/ring", "EXC-1/waiting-body"} {
		var calls atomic.Int64
		f := laneFactory(nil)
		good := f.New
		f.New = func(s Setup) (Object, error) {
			if calls.Add(1) > 18 {
				runtime.Goexit()
			}
			return good(s)
		}
		calls.Store(14) // META-1 and META-2 make four
		id, _, _ := strings.Cut(rule, "/")
		if got := check(t, f, WithRules(rule)).Rule(id); got.Verdict != Fail || !strings.Contains(got.Detail, "New returns") {
			t.Errorf("%s: the verdict is %s (%s), want a failure that speaks of New", rule, got.Verdict, got.Detail)
		}
	}
}

// An object that is there twice is no two objects, in whichever case it comes.
func TestSameObjectLater(t *testing.T) {
	var calls atomic.Int64
	var last Object
	f := laneFactory(nil)
	good := f.New
	f.New = func(s Setup) (Object, error) {
		if calls.Add(1) > 4 && last != nil {
			return last, nil
		}
		o, err := good(s)
		last = o
		return o, err
	}
	if got := check(t, f, WithRules("PAR-1/ring")).Rule("PAR-1"); got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, "had returned before") {
		t.Errorf("PAR-1 is %s (%s), want a failure that says that an object came twice", got.Verdict, got.Detail)
	}
}

// Methods that do not return as methods do are told, by the case that calls them.
func TestBadMethods(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	for _, bad := range []struct {
		name, words string
		do          func()
	}{
		{"exits", "ended", runtime.Goexit},
		{"panics", "panic", func() { panic("not written yet") }},
	} {
		for _, rule := range []string{"EXE-2/behind-a-job", "SYN-1/own-job-done", "EXE-2/cells", "NST-1/from-async", "LOCK-1/in-job", "FAIR-1/hot-object", "ORD-3/kinds"} {
			id, _, _ := strings.Cut(rule, "/")
			var calls atomic.Int64
			f := laneFactory(func(l *lane) Object {
				return broken{lane: l, do: func(job func(*State)) {
					if calls.Add(1) > 6 { // META-2 makes them
						bad.do()
					}
					l.Do(job)
				}}
			})
			if got := check(t, f, WithRules(rule)).Rule(id); got.Verdict != Fail {
				t.Errorf("Do %s: %s is %s (%s), want a failure", bad.name, rule, got.Verdict, got.Detail)
			} else if !strings.Contains(strings.ToLower(got.Cases[0].Failure.Message), bad.words) {
				t.Errorf("Do %s: %s does not say %q: %s", bad.name, rule, bad.words, got.Cases[0].Failure.Message)
			}
		}
	}
}
