package subject

import (
	"os"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// Desync claims every feature but Close, and must pass every rule. In a build without the
// race detector the rules about memory do not run here; make conform runs them, in the
// program of this module built with it, and demands the same.
func TestDesyncConforms(t *testing.T) {
	var failures []string
	opts := []conformance.Option{
		conformance.WithLogf(t.Logf),
		conformance.WithChild(os.Args[0], "-test.run=^TestDesyncConforms$"),
		conformance.WithProgress(func(c conformance.CaseResult) {
			if c.Failure != nil {
				failures = append(failures, c.Failure.String())
			}
		}),
	}
	report, err := conformance.Check(t.Context(), desyncObject().Factory, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
	for _, rule := range report.Rules {
		want := conformance.Pass
		switch {
		case rule.Feature == conformance.FeatureClose:
			want = conformance.NotClaimed
		case isUntestable(rule.Rule):
			want = conformance.CannotTest
		case strings.HasPrefix(rule.Rule, "MEM-") && !raceEnabled:
			want = conformance.NotRun
		}
		if rule.Verdict != want {
			t.Errorf("%s: the verdict is %q (%s), want %q", rule.Rule, rule.Verdict, rule.Detail, want)
		}
	}
	if len(report.Rules) != len(conformance.Rules()) {
		t.Errorf("the report has %d rules of %d", len(report.Rules), len(conformance.Rules()))
	}
}

func isUntestable(id string) bool {
	for _, r := range conformance.Rules() {
		if r.ID == id {
			return r.Method == conformance.Untestable
		}
	}
	return false
}
