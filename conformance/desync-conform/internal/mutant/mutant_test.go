package mutant

import (
	"maps"
	"slices"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// TestBase shows that the mutants are broken by their faults alone.
func TestBase(t *testing.T) { conformance.Run(t, Base()) }

// TestFreeBase shows the same of those that let calls overtake each other.
func TestFreeBase(t *testing.T) { conformance.Run(t, FreeBase()) }

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
		if m.Doc == "" || len(m.Rules()) == 0 {
			t.Errorf("the mutant %q says %q of itself and must be found by %d rules; it needs both", m.Name, m.Doc, len(m.Rules()))
		}
	}
	if len(seen) != len(named) {
		t.Errorf("there are %d mutants, and the rules name %d: %q", len(seen), len(named), slices.Sorted(maps.Keys(named)))
	}
}
