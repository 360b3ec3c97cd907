package matrix

import (
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

func TestSurvivors(t *testing.T) {
	const seeds = 20
	for _, tc := range []struct {
		name        string
		method      conformance.Method
		kills, runs int
		noRace      string
		survives    bool
	}{
		{"always found", conformance.Deterministic, 20, 20, "", false},
		{"deterministic, missed once", conformance.Deterministic, 19, 20, "", true},
		{"stochastic, missed once", conformance.Stochastic, 19, 20, "", false},
		{"stochastic, missed twice", conformance.Stochastic, 18, 20, "", true},
		{"race, missed once", conformance.RaceOnly, 19, 20, "", true},
		{"race, without a compiler", conformance.RaceOnly, 0, 0, "no gcc", false},
		{"race, and it did not run", conformance.RaceOnly, 0, 0, "", true},
		{"not judged once", conformance.Stochastic, 19, 19, "", true},
		{"never run", conformance.Deterministic, 0, 0, "no gcc", true},
	} {
		m := &Matrix{Seeds: seeds, NoRace: tc.noRace, Rows: []Row{{
			Mutant: "odd", Cells: []Cell{{Rule: "ORD-1", Method: tc.method, Runs: tc.runs, Kills: tc.kills}},
		}}}
		lines := m.Survivors()
		if (len(lines) > 0) != tc.survives {
			t.Errorf("%s: the survivors are %q, want one: %v", tc.name, lines, tc.survives)
		}
		said := strings.Contains(m.Markdown(), "Not found often enough") && !strings.Contains(m.Markdown(), "Every rule found")
		if said != tc.survives {
			t.Errorf("%s: MUTANTS.md says so: %v, want %v", tc.name, said, tc.survives)
		}
	}
}

func TestCellsCount(t *testing.T) {
	c := Cell{Rule: "ORD-1", Cases: map[string]int{}}
	result := func(v conformance.Verdict, d time.Duration) *conformance.RuleResult {
		return &conformance.RuleResult{Verdict: v, Cases: []conformance.CaseResult{
			{Case: "ORD-1/a", Verdict: v, Duration: d}, {Case: "ORD-1/b", Verdict: conformance.Pass, Duration: d},
		}}
	}
	c.add("seed 1", result(conformance.Fail, 5*time.Second))
	c.add("seed 1", result(conformance.Fail, time.Second))
	c.add("seed 1", result(conformance.Pass, 2*time.Second))
	c.add("seed 1", result(conformance.NotRun, time.Hour))
	if c.Runs != 3 || c.Kills != 2 || c.median() != 4*time.Second || c.Cases["ORD-1/a"] != 2 || c.Cases["ORD-1/b"] != 0 {
		t.Errorf("two kills, a pass and a run that was none count as %+v with the median %v", c, c.median())
	}
	if _, there := c.Cases["ORD-1/b"]; !there {
		t.Error("a case that found nothing is not counted at all")
	}
}

func TestBarren(t *testing.T) {
	m := &Matrix{Rows: []Row{
		{Cells: []Cell{{Cases: map[string]int{"ORD-1/a": 2, "ORD-1/b": 0, "ORD-1/c": 0}}}},
		{Cells: []Cell{{Cases: map[string]int{"ORD-1/b": 1}}}},
	}}
	if got := strings.Join(m.Barren(), " "); got != "ORD-1/c" {
		t.Errorf("the cases that found nothing are %q, want ORD-1/c", got)
	}
	if m.Part = true; m.Barren() != nil {
		t.Error("a part of the mutants says that a case finds nothing")
	}
}

func TestSummary(t *testing.T) {
	cell := func(kills int) []Cell {
		return []Cell{{Rule: "ORD-1", Method: conformance.Stochastic, Kills: kills, Runs: 20}}
	}
	m := &Matrix{Seeds: 20, First: 1, Rows: []Row{
		{Mutant: "a", Kind: "size", Cells: cell(20)}, {Mutant: "b", Kind: "size", Cells: cell(19)}, {Mutant: "c", Kind: "time", Cells: cell(3)},
	}}
	for _, want := range []string{"3 mutants, seeds 1 to 20", "| size | 2 | 1 | 1 | none |", "| time | 1 | 0 | 0 | c |"} {
		if !strings.Contains(m.Summary(), want) {
			t.Errorf("the summary lacks %q:\n%s", want, m.Summary())
		}
	}
}
