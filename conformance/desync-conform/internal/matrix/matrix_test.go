package matrix

import (
	"flag"
	"strings"
	"testing"
)

var seeds = flag.Int("seeds", 3, "runs of each mutant")

// TestMutants is the short form of the matrix: only the rules that must find a
// mutant, with few seeds.
func TestMutants(t *testing.T) {
	m, err := Run(t.Context(), Config{Seeds: *seeds})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range m.Survivors() {
		t.Error(line)
	}
	for name, n := range m.Cases() {
		if n == 0 {
			t.Errorf("the case %s found none of the mutants of its rule", name)
		}
	}
	if m.NoRace != "" {
		t.Logf("the mutants that the race detector finds were left out: %s", m.NoRace)
	}
	t.Logf("%d mutants in %v", len(m.Rows), m.Took)
	if !testing.Verbose() {
		return
	}
	for _, row := range m.Rows {
		for _, c := range row.Cells {
			t.Logf("%s %s %d of %d, %v %v", row.Mutant, c.Rule, c.Kills, c.Runs, c.median(), c.Cases)
		}
	}
}

func TestUnknownMutant(t *testing.T) {
	if _, err := Run(t.Context(), Config{Mutants: []string{"none"}}); err == nil || !strings.Contains(err.Error(), `no mutant "none"`) {
		t.Errorf("Run returned the error %v, want one that names the mutant", err)
	}
}
