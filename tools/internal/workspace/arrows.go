package workspace

import (
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
)

// arrows returns patterns of the siblings that the module in dir may import.
// It is the only list of modules: known is false for one that is not in it.
func arrows(dir string) (to []string, known bool) {
	switch dir {
	case "futures", "conformance", "tools/lint", "tools/lint/actions":
		return nil, true
	case "desync":
		return []string{"futures"}, true
	case "adapters":
		return []string{"desync", "futures"}, true
	case "conformance/desync-conform":
		return []string{"conformance"}, true
	case "conformance/subjects":
		return []string{"conformance", "conformance/desync-conform", "desync", "adapters"}, true
	case "tools", "tools/bench":
		return []string{"*", "*/*"}, true
	case "adapters/natsmap/scale": // runs of the whole, with the server
		return []string{"adapters/*", "adapters/natsmap/embedded", "desync", "futures"}, true
	}
	if ok, _ := path.Match("adapters/*", dir); ok {
		return []string{"adapters", "desync", "futures"}, true
	}
	if ok, _ := path.Match("adapters/*/*", dir); ok { // examples, and tests with more requirements
		return []string{"adapters", "adapters/*", "desync", "futures"}, true
	}
	return nil, false
}

// testArrows returns further siblings that only the tests of a module may import. The
// tests of an adapter use the module conformance, which imports none of the others, so
// there is no cycle.
func testArrows(dir string) []string {
	if first, _, _ := strings.Cut(dir, "/"); first == "adapters" {
		return []string{"conformance"}
	}
	return nil
}

func mayImport(from, to string, inTest bool) bool {
	patterns, _ := arrows(from)
	if inTest {
		patterns = append(patterns, testArrows(from)...)
	}
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, _ := path.Match(pattern, to)
		return ok
	})
}

// mayReach reports whether a chain of arrows leads from one module to another.
func (t *Tree) mayReach(from, to string) bool {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		if mayImport(reached[i], to, true) {
			return true
		}
		for _, m := range t.Modules {
			if mayImport(reached[i], m.Dir, true) && !slices.Contains(reached, m.Dir) {
				reached = append(reached, m.Dir)
			}
		}
	}
	return false
}

// checkArrows checks the imports of a module and its tests, and the siblings that its
// go.mod requires.
func checkArrows(t *Tree, m *Module) (faults []Fault) {
	goMod := path.Join(m.Dir, "go.mod")
	allowed, known := arrows(m.Dir)
	if !known {
		return []Fault{{
			File: goMod, Problem: "the module is not in the list of arrows",
			Fix: "say in tools/internal/workspace/arrows.go what it may import",
		}}
	}
	rule := m.Dir + " may import " + strings.Join(allowed, ", ") + " only"
	if len(allowed) == 0 {
		rule = m.Dir + " may import no other module of the workspace"
	}

	required := make(map[string]bool)
	for _, r := range m.Mod.Require {
		dir, ours := siblingDir(r.Mod.Path)
		if !ours {
			continue
		}
		required[dir] = true
		if ok := mayImport(m.Dir, dir, true) || r.Indirect && t.mayReach(m.Dir, dir); !ok {
			faults = append(faults, Fault{
				File: goMod, Line: r.Syntax.Start.Line,
				Problem: fmt.Sprintf("requires %s, but %s", dir, rule), Fix: "drop the requirement",
			})
		}
	}

	for i := range t.imports(m) {
		sibling := t.provider(i.path)
		switch {
		case !within(i.path, Prefix) || sibling == m:
		case sibling == nil:
			faults = append(faults, i.fault("which no module here provides", "correct the import"))
		case !mayImport(m.Dir, sibling.Dir, i.source.Test):
			faults = append(faults, i.fault("but "+rule, "move the code to a module that may import both"))
		case !required[sibling.Dir]:
			faults = append(faults, i.fault("but "+goMod+" does not require it: this builds in the workspace only",
				"require "+Prefix+"/"+sibling.Dir+" there"))
		}
	}
	return faults
}

// checkThirdParty finds third-party modules that a module uses though it should need
// only the standard library. Requirements of tests count too, since they reach every
// consumer's go.sum.
func checkThirdParty(t *Tree, m *Module) (faults []Fault) {
	for _, r := range m.Mod.Require {
		if !within(r.Mod.Path, Prefix) {
			faults = append(faults, Fault{
				File: path.Join(m.Dir, "go.mod"), Line: r.Syntax.Start.Line,
				Problem: fmt.Sprintf("requires %s, but %s has no third-party requirement", r.Mod.Path, m.Dir),
				Fix:     "use the standard library, or move the code to adapters, conformance or tools",
			})
		}
	}
	for i := range t.imports(m) {
		if !within(i.path, Prefix) && !standardLibrary(i.path) {
			faults = append(faults, i.fault("but "+m.Dir+" uses the standard library only, in its tests too",
				"use the standard library, or move the code to adapters, conformance or tools"))
		}
	}
	return faults
}

// checkLean finds third-party packages that a library imports outside of its tests,
// except for the named ones.
func checkLean(t *Tree, m *Module, named ...string) (faults []Fault) {
	for i := range t.imports(m) {
		if !i.source.Test && !within(i.path, Prefix) && !standardLibrary(i.path) && !slices.Contains(named, i.path) {
			faults = append(faults, i.fault(
				fmt.Sprintf("but %s uses the standard library and %s only, outside of its tests", m.Dir, strings.Join(named, ", ")),
				"use these, or move the code to a module that nests in it"))
		}
	}
	return faults
}

// An imported is an import of a package in a source.
type imported struct {
	source *Source
	line   int
	path   string
}

func (i imported) fault(why, fix string) Fault {
	return Fault{File: i.source.Name, Line: i.line, Problem: "imports " + i.path + ", " + why, Fix: fix}
}

// imports yields the imports of a module, those of its tests included.
func (t *Tree) imports(m *Module) iter.Seq[imported] {
	return func(yield func(imported) bool) {
		for _, s := range m.Sources {
			for _, spec := range s.AST.Imports {
				importPath, err := strconv.Unquote(spec.Path.Value)
				if err == nil && !yield(imported{s, t.Files.Position(spec.Pos()).Line, importPath}) {
					return
				}
			}
		}
	}
}

// provider returns the module whose path is the longest prefix of importPath.
func (t *Tree) provider(importPath string) (best *Module) {
	for _, m := range t.Modules {
		if within(importPath, m.Mod.Module.Mod.Path) &&
			(best == nil || len(m.Mod.Module.Mod.Path) > len(best.Mod.Module.Mod.Path)) {
			best = m
		}
	}
	return best
}

func within(importPath, modulePath string) bool {
	return importPath == modulePath || strings.HasPrefix(importPath, modulePath+"/")
}

// standardLibrary follows the go command: a path of the standard library has
// no dot in its first element.
func standardLibrary(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}
