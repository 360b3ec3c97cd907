package conformance

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Run checks an implementation in a test, with one subtest per rule and, below
// it, one per case. A violated rule fails the test, except a SHOULD, which is
// logged. What did not run is a skipped subtest with the reason. So is a case that could
// not be decided; it is tried once more at the end, alone, and t itself gets the verdict.
//
// Run changes GOMAXPROCS while it works and looks at all goroutines of the
// process, so nothing else should run beside it: the test must not be parallel.
//
// Most cases run in the process of the test, where a debugger and the measuring of coverage
// see them. Cases that end the process, and in a test binary built with -race all cases,
// run in child processes: the same test binary again, with this test alone, so that its
// TestMain runs there too. A data race then fails the case that it happened in. With
// [WithIsolation] all cases run so. Without it, an implementation that panics on a
// goroutine of its own ends the test; the last line that is written then names the case.
func Run(t *testing.T, f Factory, opts ...Option) {
	t.Helper()
	again := WithChild(os.Args[0], "-test.run="+testPattern(t.Name()), "-test.timeout=0")
	r, err := newRunner(suite(), f, append([]Option{again}, opts...))
	if err != nil {
		t.Fatal(err)
	}
	if id, child, ours := inChild(f); ours {
		r.serve(t.Context(), id)
	} else if child {
		t.Skip("this process is to run a case on another implementation")
	}
	r.witness = startWitness(r.subject)
	defer r.witness.dismiss()
	r.again = func(c testCase) string {
		return fmt.Sprintf("go test -run '%s' . # seed %d", testPattern(t.Name()+"/"+c.id()), r.o.seed)
	}
	if r.o.budget == Soak {
		r.deadline, _ = t.Deadline()
	}
	var results []RuleResult
	open := map[string]CaseResult{} // what could not be decided
	for _, rule := range r.rules {
		t.Run(rule.ID, func(t *testing.T) {
			t.Helper()
			res := r.judgeRule(t.Context(), rule, func(c CaseResult) {
				t.Helper()
				_, name, _ := strings.Cut(c.Case, "/")
				t.Run(name, func(t *testing.T) {
					t.Helper()
					if c.Verdict == Inconclusive {
						open[c.Case] = c
						t.Skipf("%s: %s; the verdict comes at the end of the run", c.Verdict, c.Detail)
					}
					judged(t, rule.Rule, c)
				})
			})
			results = append(results, res)
			switch res.Verdict {
			case Pass, Fail:
			default: // else it would read PASS, since skipped subtests do not fail
				t.Skipf("%s: %s", res.Verdict, res.Detail)
			}
		})
	}
	r.tryAgain(t.Context(), results, func(rule Rule, c CaseResult) {
		t.Helper()
		if _, shown := open[c.Case]; !shown || c.Verdict == Inconclusive {
			return
		}
		delete(open, c.Case)
		t.Logf("%s was tried again, alone: %s", c.Case, c.Verdict)
		judged(t, rule, c)
	})
	for _, c := range open {
		t.Errorf("%s: %s: %s", c.Case, c.Verdict, c.Detail)
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
