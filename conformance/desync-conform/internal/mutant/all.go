package mutant

import "slices"

// All returns all mutants, family by family.
func All() []Mutant {
	return slices.Concat(basic(), sizes(), times(), windows(), cells(), endings(), races(), leftovers(), subjects(), keys())
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
