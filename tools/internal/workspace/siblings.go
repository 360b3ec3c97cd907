package workspace

import (
	"slices"
	"strings"
)

// Module returns the module in dir, nil when there is none.
func (t *Tree) Module(dir string) *Module {
	for _, m := range t.Modules {
		if m.Dir == dir {
			return m
		}
	}
	return nil
}

// Released returns the modules that get versions, in the order of their
// directories: all but those that stay out of go.work by rule.
func (t *Tree) Released() (modules []*Module) {
	for _, m := range t.Modules {
		if !outsideWork(m.Dir) {
			modules = append(modules, m)
		}
	}
	return modules
}

// Siblings returns the modules of the tree that the go.mod of m requires, in
// the order of its lines.
func (t *Tree) Siblings(m *Module) (siblings []*Module) {
	for _, r := range m.Mod.Require {
		if dir, ours := siblingDir(r.Mod.Path); ours && t.Module(dir) != nil {
			siblings = append(siblings, t.Module(dir))
		}
	}
	return siblings
}

// Imported returns the modules of the tree that sources of m import, tests included,
// in the order of their directories.
func (t *Tree) Imported(m *Module) (siblings []*Module) {
	for i := range t.imports(m) {
		sibling := t.provider(i.path)
		if sibling != nil && sibling != m && !slices.Contains(siblings, sibling) {
			siblings = append(siblings, sibling)
		}
	}
	slices.SortFunc(siblings, func(a, b *Module) int { return strings.Compare(a.Dir, b.Dir) })
	return siblings
}

// Waves orders modules: the modules of the first wave require none of the others,
// and those of each later wave require only modules of earlier ones. Modules that
// require each other in a cycle, which no arrows allow, come last.
func (t *Tree) Waves(modules []*Module) (waves [][]*Module) {
	left := slices.Clone(modules)
	for len(left) > 0 {
		var wave, later []*Module
		for _, m := range left {
			waits := slices.ContainsFunc(t.Siblings(m), func(s *Module) bool { return s != m && slices.Contains(left, s) })
			if waits {
				later = append(later, m)
			} else {
				wave = append(wave, m)
			}
		}
		if len(wave) == 0 {
			wave, later = later, nil
		}
		waves, left = append(waves, wave), later
	}
	return waves
}
