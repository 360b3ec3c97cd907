package conformance

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Run checks an implementation in a test, with one subtest per rule and, below
// it, one per case. A violated rule fails the test, except a SHOULD, which is
// logged. What did not run is a skipped subtest with the reason.
//
// Run changes GOMAXPROCS while it works and looks at all goroutines of the
// process, so nothing else should run beside it: the test must not be parallel.
//
// Most cases run in the process of the test, where a debugger and the measuring of
// coverage see them. Cases that end the process, and in a test binary built with -race
// those of the memory rules, run in child processes: the same test binary again, with
// this test alone, so that its TestMain runs there too. With [WithIsolation] all cases
// do. Without it, an implementation that panics on a goroutine of its own ends the
// test; the last line that is written then names the case.
func Run(t *testing.T, f Factory, opts ...Option) {
	t.Helper()
	again := WithChild(os.Args[0], "-test.run="+testPattern(t.Name()), "-test.timeout=0")
	r, err := newRunner(f, append([]Option{again}, opts...))
	if err != nil {
		t.Fatal(err)
	}
	if id, child, ours := inChild(f); ours {
		r.serve(t.Context(), id)
	} else if child {
		t.Skip("this process is to run a case on another implementation")
	}
	r.startWitness()
	defer r.witness.dismiss()
	r.again = func(c testCase) string {
		return fmt.Sprintf("go test -run '%s' . # seed %d", testPattern(t.Name()+"/"+c.id()), r.o.seed)
	}
	if r.o.budget == Soak {
		r.deadline, _ = t.Deadline()
	}
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			t.Helper()
			res := r.judgeRule(t.Context(), rule, func(c CaseResult) {
				t.Helper()
				_, name, _ := strings.Cut(c.Case, "/")
				t.Run(name, func(t *testing.T) { t.Helper(); judged(t, rule, c) })
			})
			switch res.Verdict {
			case Pass, Fail, Inconclusive:
			default: // else it would read PASS, since skipped subtests do not fail
				t.Skipf("%s: %s", res.Verdict, res.Detail)
			}
		})
	}
}

// judged makes a result the subtest's.
func judged(t *testing.T, rule Rule, c CaseResult) {
	t.Helper()
	switch c.Verdict {
	case Pass:
	case Fail:
		report := t.Errorf
		if rule.Level == Should {
			report = t.Logf
		}
		report("%s", c.Failure)
	case Inconclusive:
		t.Errorf("%s: %s", c.Verdict, c.Detail)
	default:
		t.Skipf("%s: %s", c.Verdict, c.Detail)
	}
}

// testPattern is the -run pattern of exactly one test.
func testPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// Check checks an implementation and returns the report. The error says what is
// wrong with the factory or an option (an unknown rule, a skip without a reason);
// a violated rule is not an error. If ctx ends, what has not run by then reads
// not-run, and the report is partial.
//
// Check changes GOMAXPROCS while it works and looks at all goroutines of the
// process, so nothing else should run beside it. In a child process (see
// [WithChild]) it does not return for the implementation that the process was
// started for, and runs nothing for another one.
func Check(ctx context.Context, f Factory, opts ...Option) (*Report, error) {
	r, err := newRunner(f, opts)
	if err != nil {
		return nil, err
	}
	if id, child, ours := inChild(f); ours {
		r.serve(ctx, id)
	} else if child {
		r.dead = "this process is to run a case on another implementation"
	} else {
		r.startWitness()
		defer r.witness.dismiss()
	}
	if r.o.budget == Soak {
		r.deadline, _ = ctx.Deadline()
	}
	rep := &Report{
		Schema:         1,
		Implementation: f.Info,
		Environment: Environment{
			Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
			CPUs: runtime.NumCPU(), GOMAXPROCS: runtime.GOMAXPROCS(0),
			Race: raceEnabled, Slowdown: r.slowdown,
		},
		Budget: r.o.budget, Seed: r.o.seed, Started: time.Now().UTC(),
	}
	for _, rule := range Rules() {
		rep.Rules = append(rep.Rules, r.judgeRule(ctx, rule, func(CaseResult) {}))
	}
	rep.Duration = time.Since(rep.Started)
	if r.broken != nil {
		rep.Partial = true
		rep.Because = append(rep.Because, fmt.Sprintf("the run was broken off: %v", r.broken))
	}
	rep.sum()
	return rep, nil
}
