package matrix

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// Matrix says which rule found which mutant.
type Matrix struct {
	Go     string        `json:"go"`
	OS     string        `json:"os"`
	Arch   string        `json:"arch"`
	CPUs   int           `json:"cpus"`
	Seeds  int           `json:"seeds"` // runs of each mutant with each rule that must find it
	First  uint64        `json:"first"` // of the seeds, which follow each other
	Stop   bool          `json:"stop"`  // whether a run ended when its rule had found the mutant
	Part   bool          `json:"part"`  // whether only some mutants were run
	Whole  bool          `json:"whole"` // whether the other rules were run
	NoRace string        `json:"noRace,omitempty"`
	Took   time.Duration `json:"took"`
	Rows   []Row         `json:"rows"`
}

// Row is about one mutant.
type Row struct {
	Mutant string   `json:"mutant"`
	Kind   string   `json:"kind"`
	Doc    string   `json:"doc"`
	Budget string   `json:"budget"`           // in which it must be found
	Range  string   `json:"range,omitempty"`  // of its parameter
	Cells  []Cell   `json:"cells"`            // of the rules that must find it
	Others []string `json:"others,omitempty"` // rules that found it too, in one run
}

// Cell is about a mutant and a rule that must find it.
type Cell struct {
	Rule   string             `json:"rule"`
	Method conformance.Method `json:"method"`
	Runs   int                `json:"runs"` // in which the rule could be judged
	Kills  int                `json:"kills"`
	Why    string             `json:"why,omitempty"` // there was a run without a kill
	Cases  map[string]int     `json:"cases"`         // kills by each case of the rule
	Times  []time.Duration    `json:"times"`
}

// add counts one run. The text says which one it was.
func (c *Cell) add(run string, res *conformance.RuleResult) {
	if res.Verdict == conformance.NotRun {
		c.Why = strings.TrimSpace(run + ": " + res.Detail)
		return
	}
	c.Runs++
	var took time.Duration
	for _, r := range res.Cases {
		took += r.Duration
		c.Cases[r.Case] += 0
		if r.Verdict == conformance.Fail {
			c.Cases[r.Case]++
		}
	}
	c.Times = append(c.Times, took)
	if res.Verdict == conformance.Fail {
		c.Kills++
	} else {
		c.Why = strings.TrimSpace(run + ": " + string(res.Verdict) + " " + res.Detail)
	}
}

// needed is how many runs must kill.
func (c *Cell) needed() int {
	if c.Method == conformance.Stochastic {
		return c.Runs - c.Runs/20
	}
	return c.Runs
}

// found says how often the rule found the mutant.
func (m *Matrix) found(c Cell) string {
	if c.Runs == 0 {
		return string(conformance.NotRun)
	}
	return fmt.Sprintf("%d of %d", c.Kills, m.Seeds)
}

func (c *Cell) median() time.Duration {
	if len(c.Times) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(c.Times))[len(c.Times)/2]
}

// Survivors returns a line for each mutant and rule that should have found it and
// did not, often enough. A deterministic rule must in every run, a stochastic one
// in 19 of 20. What needs the race detector and did not run is none of them.
func (m *Matrix) Survivors() (lines []string) {
	for _, row := range m.Rows {
		for _, c := range row.Cells {
			if m.survives(c) {
				lines = append(lines, fmt.Sprintf("%s found the mutant %s in %d of %d runs, of which %d were judged: %s", c.Rule, row.Mutant, c.Kills, m.Seeds, c.Runs, c.Why))
			}
		}
	}
	return lines
}

// survives reports whether a cell has fewer kills than it needs.
func (m *Matrix) survives(c Cell) bool {
	noRace := m.NoRace != "" && c.Method == conformance.RaceOnly
	return !noRace && (c.Runs < m.Seeds || c.Kills < c.needed())
}

// Barren returns the cases that found no mutant of their rule in a matrix of all mutants:
// a pass of such a case shows nothing.
func (m *Matrix) Barren() (cases []string) {
	if m.Stop || m.Part {
		return nil // not every case has had its chance
	}
	for name, n := range m.Cases() {
		if n == 0 {
			cases = append(cases, name)
		}
	}
	slices.Sort(cases)
	return cases
}

// Cases returns for each case of the rules how often it found a mutant that its rule
// must find. A case that never did has shown nothing.
func (m *Matrix) Cases() map[string]int {
	all := map[string]int{}
	for _, row := range m.Rows {
		for _, c := range row.Cells {
			for name, n := range c.Cases {
				all[name] += n
			}
		}
	}
	return all
}
