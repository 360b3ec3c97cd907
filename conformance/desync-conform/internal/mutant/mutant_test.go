package mutant

import (
	"maps"
	"slices"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// TestBase shows that the mutants are broken by their faults alone.
func TestBase(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	conformance.Run(t, Base())
}

// TestFreeBase shows the same of those that let calls overtake each other.
func TestFreeBase(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	conformance.Run(t, FreeBase())
}

// TestShellBase shows it of those that have other calls in place of the base's. The shell
// passes each call on and does nothing else, so what rests on chance is judged by TestBase.
func TestShellBase(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	var rules []string
	for _, r := range conformance.Rules() {
		if r.Method != conformance.Stochastic {
			rules = append(rules, r.ID)
		}
	}
	conformance.Run(t, ShellBase(), conformance.WithRules(rules...))
}

// TestNames demands that the mutants are those that the rules name.
func TestNames(t *testing.T) {
	named := map[string]bool{}
	for _, r := range conformance.Rules() {
		for _, name := range r.Mutants {
			named[name] = true
			if _, ok := Find(name); !ok {
				t.Errorf("%s names the mutant %q, which does not exist", r.ID, name)
			}
		}
	}
	seen := map[string]bool{}
	for _, m := range All() {
		if seen[m.Name] {
			t.Errorf("the mutant %q is there twice", m.Name)
		}
		seen[m.Name] = true
		if m.Rule != "" && (len(m.Rules()) != 1 || m.Rules()[0].ID != m.Rule) {
			t.Errorf("the mutant %q must be found by %s, and the rules that name it are %v", m.Name, m.Rule, m.Rules())
		}
		if m.Doc == "" || len(m.Rules()) == 0 {
			t.Errorf("the mutant %q says %q of itself and must be found by %d rules; it needs both", m.Name, m.Doc, len(m.Rules()))
		}
	}
	if len(seen) != len(named) {
		t.Errorf("there are %d mutants, and the rules name %d: %q", len(seen), len(named), slices.Sorted(maps.Keys(named)))
	}
}

// TestParameters demands that parameters are drawn from all of their range.
func TestParameters(t *testing.T) {
	for _, m := range All() {
		if m.Range.Unit == "" {
			continue
		}
		if m.Range.Example != 0 && m.Range.Draw(1, m.Name) != m.Range.Example {
			t.Errorf("%s: the seed 1 draws %s, want the example %d", m.Name, m.Param(1), m.Range.Example)
		}
		least, most, drawn := m.Range.High, m.Range.Low, map[int]bool{}
		for seed := range uint64(200) {
			v := m.Range.Draw(seed, m.Name)
			if v < m.Range.Low || v > m.Range.High || v != m.Range.Draw(seed, m.Name) {
				t.Fatalf("%s: the seed %d draws %d, and then %d, from %v", m.Name, seed, v, m.Range.Draw(seed, m.Name), m.Range)
			}
			least, most, drawn[v] = min(least, v), max(most, v), true
		}
		if least > 2*m.Range.Low || most < m.Range.High/2 || len(drawn) < min(20, m.Range.High-m.Range.Low) {
			t.Errorf("%s: 200 seeds draw %d values from %d to %d, want them from all of %v", m.Name, len(drawn), least, most, m.Range)
		}
	}
}
