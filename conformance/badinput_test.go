package conformance

import (
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// badAsync makes lanes whose Async is another one.
func badAsync(async func()) Factory {
	return laneFactory(func(l *lane) Object {
		return broken{lane: l, async: func(func(*State)) { async() }}
	})
}

// What a process of its own does instead of ending its case, and what is said of it.
func TestBadEndsOfAChild(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	for _, tc := range []struct {
		name    string
		async   func()
		verdict Verdict
		words   []string
	}{
		{
			"a panic on a goroutine of the object", func() { go func() { panic("bad wiring") }(); select {} },
			Fail,
			[]string{"expected: the process lives", "bad wiring", "badinput_test.go"},
		},
		{
			"a fatal error of the runtime", func() { new(sync.Mutex).Unlock() },
			Fail,
			[]string{"expected: the process lives", "fatal error: sync: unlock of unlocked mutex", "badinput_test.go"},
		},
		{
			"a call that never returns", func() { select {} },
			Fail,
			[]string{"expected: Async returns", "no goroutine can run any more", "badinput_test.go"},
		},
		{"exit code 0", func() { os.Exit(0) }, Fail, []string{"expected: the process lives", "it ended: exit status 0"}},
		{"exit code 3", func() { os.Exit(3) }, Fail, []string{"expected: the process lives", "it ended: exit status 3"}},
		{"a result that is cut short", func() {
			_ = os.WriteFile(os.Getenv(childResult), []byte(`{"case":"ASY-2/mutex","verdict":"pa`), 0o600)
			os.Exit(0)
		}, NotRun, []string{"its result cannot be read"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := check(t, badAsync(tc.async), children(t), WithIsolation(), WithRules("ASY-2/mutex")).Rule("ASY-2")
			said := got.Detail
			if got.Cases[0].Failure != nil {
				said += "\n" + got.Cases[0].Failure.String()
			}
			if got.Verdict != tc.verdict {
				t.Errorf("ASY-2 is %s, want %s", got.Verdict, tc.verdict)
			}
			for _, w := range tc.words {
				if !strings.Contains(said, w) {
					t.Errorf("%q is not said:\n%s", w, said)
				}
			}
		})
	}
}

// New works at first and then fails, which is nobody's fault but its own.
func TestNewFailsLater(t *testing.T) {
	var calls atomic.Int64
	f := laneFactory(nil)
	good := f.New
	f.New = func(setup Setup) (Object, error) {
		if calls.Add(1) > 10 {
			return nil, errors.New("out of lanes")
		}
		return good(setup)
	}
	r := check(t, f, WithRules("CLO-1/racing"))
	if got := r.Rule("CLO-1"); got.Verdict != Fail || !strings.Contains(got.Detail, "New returns an object") {
		t.Errorf("CLO-1 is %s (%s), want a failure that says that New failed", got.Verdict, got.Detail)
	}
}

// A factory that claims a feature whose methods are there and panic.
func TestMethodsNotWrittenYet(t *testing.T) {
	f := laneFactory(func(l *lane) Object {
		return struct {
			*lane
			Trier
		}{l, nil}
	})
	f.Features[FeatureTry] = Supported()
	got := check(t, f, WithRules("TRY-2/after-do")).Rule("TRY-2")
	if got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, "nil pointer") {
		t.Errorf("TRY-2 is %s (%s), want a failure with the panic", got.Verdict, got.Detail)
	}
}
