package mutant

import (
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

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
	prepare := func(setup conformance.Setup) {
		ready.Do(func() {
			s.prepare(m.Range.param(m.Range.Draw(setup.Seed, m.Name)))
			sup.n = s.param.n
		})
	}
	return conformance.Factory{
		Info:     conformance.Implementation{Name: name},
		Features: features,
		New: func(setup conformance.Setup) (conformance.Object, error) {
			prepare(setup)
			if m.supply != nil {
				sup.calls.Add(1)
				return m.supply(sup)
			}
			return fresh(), nil
		},
		NewKeyed: func(setup conformance.Setup) (conformance.Keyed, error) {
			prepare(setup)
			return newTable(s), nil
		},
	}
}
