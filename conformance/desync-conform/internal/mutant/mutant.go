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

// All returns all mutants, family by family.
func All() []Mutant {
	return slices.Concat(basic(), sizes(), times(), windows(), cells(), endings(), races(), leftovers(), subjects())
}

// Find returns the mutant with a name.
func Find(name string) (Mutant, bool) {
	all := All()
	i := slices.IndexFunc(all, func(m Mutant) bool { return m.Name == name })
	if i < 0 {
		return Mutant{}, false
	}
	return all[i], true
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

// Factory makes the mutant's objects. It claims every feature.
func (m Mutant) Factory() conformance.Factory { return m.factory("mutant: " + m.Name) }

// Base returns the implementation without a fault.
func Base() conformance.Factory { return Mutant{}.factory("mutant: none") }

// FreeBase returns the implementation without a fault that lets calls which wait at the
// same time overtake each other.
func FreeBase() conformance.Factory {
	return Mutant{Name: string(freeBase)}.factory("mutant: none, free")
}

// ShellBase returns the implementation without a fault inside the shell that other
// mutants change.
func ShellBase() conformance.Factory {
	return Mutant{change: func(*shell) {}}.factory("mutant: none, shell")
}

func (m Mutant) factory(name string) conformance.Factory {
	s := &shared{fault: fault(m.Name)}
	features := map[conformance.Feature]conformance.Claim{}
	for _, f := range conformance.Features() {
		features[f] = conformance.Supported()
	}
	var ready sync.Once
	fresh := func() conformance.Object {
		if m.change == nil {
			return s.object()
		}
		sh := newShell(s.object())
		m.change(sh)
		return sh
	}
	sup := &supplier{fresh: fresh}
	return conformance.Factory{
		Info:     conformance.Implementation{Name: name},
		Features: features,
		New: func(setup conformance.Setup) (conformance.Object, error) {
			ready.Do(func() {
				s.prepare(m.Range.param(m.Range.Draw(setup.Seed, m.Name)))
				sup.n = s.param.n
			})
			if m.supply != nil {
				sup.calls.Add(1)
				return m.supply(sup)
			}
			return fresh(), nil
		},
	}
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
