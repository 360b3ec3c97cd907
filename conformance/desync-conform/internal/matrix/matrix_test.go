package matrix

import (
	"strings"
	"testing"
)

// TestMutants runs the mutants without a parameter, with one seed: without a parameter it
// draws nothing but the programs. The others take minutes. make mutants runs them all, with
// three seeds.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	m, err := Run(t.Context(), Config{Seeds: 1, Stop: true, Kinds: []string{"basic"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range m.Survivors() {
		t.Error(line)
	}
	if m.NoRace != "" {
		t.Logf("the mutants that the race detector finds were left out: %s", m.NoRace)
	}
	t.Logf("\n%s", m.Table())
}

func TestUnknownMutants(t *testing.T) {
	for want, c := range map[string]Config{
		`no mutant "none"`:                 {Mutants: []string{"none"}},
		`no mutants of the kind "strange"`: {Kinds: []string{"strange"}},
	} {
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run returned the error %v, want one that says %s", err, want)
		}
	}
}
