package subject

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// Desync claims every feature but Close, and must pass every rule. In a build
// without the race detector, the rules about memory run in a test binary built
// with it.
func TestDesyncConforms(t *testing.T) {
	const child = "child" // an argument that tells this test that it is one
	again := []string{"-test.run=^TestDesyncConforms$", child}
	var failures []string
	opts := []conformance.Option{
		conformance.WithLogf(t.Logf),
		conformance.WithChild(append([]string{os.Args[0]}, again...)...),
		conformance.WithProgress(func(c conformance.CaseResult) {
			if c.Failure != nil {
				failures = append(failures, c.Failure.String())
			}
		}),
	}
	racing := raceEnabled
	if !racing && flag.Arg(0) != child {
		if binary, ok := raceBinary(t); ok {
			racing = true
			opts = append(opts, conformance.WithRaceChild(append([]string{binary}, again...)...))
		}
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
		case strings.HasPrefix(rule.Rule, "MEM-") && !racing:
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

// raceBinary builds this test with the race detector. Without a C compiler there
// is none, and the rules about memory are left out, which is logged.
func raceBinary(t *testing.T) (file string, ok bool) {
	t.Helper()
	cc, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatalf("go env CC: %v", err)
	}
	if _, err := exec.LookPath(strings.TrimSpace(string(cc))); err != nil {
		t.Logf("the rules about memory are left out: the race detector needs a C compiler: %v", err)
		return "", false
	}
	file = filepath.Join(t.TempDir(), "race.test")
	if out, err := exec.Command("go", "test", "-race", "-c", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("the test cannot be built with the race detector: %v\n%s", err, out)
	}
	return file, true
}
