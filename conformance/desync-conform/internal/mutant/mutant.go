package mutant

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

// A Mutant is the base with one fault.
type Mutant struct {
	Name   string // as in [conformance.Rule].Mutants
	Kind   string // the family
	Rule   string // the rule that must find it; of the basic ones there may be several, see Rules
	Budget conformance.Budget
	Range  Range  // of its parameter, which the seed of a run draws
	Doc    string // what is wrong with it; N, T and W stand for the parameter

	// One of these makes the fault, unless it is a switch in the base.
	change func(*shell)
	supply func(*supplier) (conformance.Object, error)
}

// Rules returns the rules that must find the mutant.
func (m Mutant) Rules() []conformance.Rule {
	return slices.DeleteFunc(conformance.Rules(), func(r conformance.Rule) bool {
		return !slices.Contains(r.Mutants, m.Name)
	})
}

// Param returns what a seed draws, with its unit, or "".
func (m Mutant) Param(seed uint64) string {
	if m.Range.Unit == "" {
		return ""
	}
	return grouped(m.Range.Draw(seed, m.Name)) + " " + m.Range.Unit
}

// family fills in what the mutants of a family have in common.
func family(kind string, budget conformance.Budget, all []Mutant) []Mutant {
	for i := range all {
		all[i].Kind = kind
		if all[i].Budget == "" {
			all[i].Budget = budget
		}
	}
	return all
}

// A supplier is what a mutant whose New is at fault works with.
type supplier struct {
	n     int // the parameter
	calls atomic.Int64
	fresh func() conformance.Object

	mu   sync.Mutex
	last conformance.Object
}

// due reports whether the fault is to show at this call.
func (s *supplier) due() bool { return s.calls.Load() >= int64(s.n) }
