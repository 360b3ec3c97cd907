package mutant

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

// A Mutant is the base with one fault.
type Mutant struct {
	Name string // as in [conformance.Rule].Mutants
	Doc  string // what is wrong with it
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

// Factory makes the mutant's objects. It claims every feature.
func (m Mutant) Factory() conformance.Factory { return factory("mutant: "+m.Name, fault(m.Name)) }

// Base returns the implementation without a fault.
func Base() conformance.Factory { return factory("mutant: none", "") }

// FreeBase returns the implementation without a fault that lets calls which wait at the
// same time overtake each other.
func FreeBase() conformance.Factory { return factory("mutant: none, free", freeBase) }

func factory(name string, f fault) conformance.Factory {
	s := &shared{fault: f}
	switch f {
	case globalWorker:
		s.workers = make(chan struct{}, 1)
	case fixedPool:
		s.workers = make(chan struct{}, 64)
	}
	features := map[conformance.Feature]conformance.Claim{}
	for _, f := range conformance.Features() {
		features[f] = conformance.Supported()
	}
	one := sync.OnceValue(s.object)
	return conformance.Factory{
		Info:     conformance.Implementation{Name: name},
		Features: features,
		New: func(conformance.Setup) (conformance.Object, error) {
			switch f {
			case falseClaim:
				return struct{ conformance.Object }{s.object()}, nil
			case sameObject:
				return one(), nil
			}
			return s.object(), nil
		},
	}
}

// shared is what the objects of a factory have in common.
type shared struct {
	fault
	objects atomic.Uint64
	workers chan struct{} // one element for each that is busy, or nil: no bound
	lock    sync.Mutex    // for globalLock
	hot     sync.RWMutex  // for hotObjectStarves
}

func (s *shared) object() *object {
	o := &object{shared: s, number: s.objects.Add(1), queue: ring{fault: s.fault}}
	o.changed.L = &o.mu
	switch s.fault {
	case goroutineLeak:
		never := make(chan struct{})
		go func() { <-never }()
	case resumeEndsNext:
		o.resumes = make(chan struct{}, 1<<10)
	}
	return o
}
