// Package knots finds knots, the cycles among the files of a package: each file of a
// knot uses, directly or through other files, what every other file of the knot
// declares.
package knots

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A Graph has the files of a package without its tests, and what they use of each
// other: constants, variables, types, functions, methods and fields.
type Graph struct {
	Package string
	Files   []string // base names, sorted

	uses map[arrow][]string
}

type arrow struct{ from, to string }

// Load reads the packages that the patterns name, as for the go command, and returns
// their graphs in the order of the paths. The patterns are relative to dir. Files
// that the build leaves out are not part of a graph.
func Load(dir string, patterns ...string) ([]*Graph, error) {
	pkgs, err := packages.Load(&packages.Config{
		Dir:  dir,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	var graphs []*Graph
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s: %w", p.PkgPath, errors.Join(failures(p)...))
		}
		graphs = append(graphs, newGraph(p))
	}
	slices.SortFunc(graphs, func(a, b *Graph) int { return cmp.Compare(a.Package, b.Package) })
	return graphs, nil
}

func failures(p *packages.Package) (errs []error) {
	for _, err := range p.Errors {
		errs = append(errs, err)
	}
	return errs
}

func newGraph(p *packages.Package) *Graph {
	g := &Graph{Package: p.PkgPath, uses: map[arrow][]string{}}
	fileOf := func(at token.Pos) string { return filepath.Base(p.Fset.Position(at).Filename) }
	for _, f := range p.Syntax {
		g.Files = append(g.Files, fileOf(f.Package))
	}
	slices.Sort(g.Files)
	for _, f := range p.Syntax {
		from := fileOf(f.Package)
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			used := origin(p.TypesInfo.Uses[id])
			if used == nil || used.Pkg() != p.Types || !shared(used) {
				return true
			}
			if to := fileOf(used.Pos()); to != from {
				a := arrow{from, to}
				if !slices.Contains(g.uses[a], used.Name()) {
					g.uses[a] = append(g.uses[a], used.Name())
				}
			}
			return true
		})
	}
	return g
}

// origin returns the generic declaration if o is an instance of one, and o otherwise.
func origin(o types.Object) types.Object {
	switch o := o.(type) {
	case *types.Var:
		return o.Origin()
	case *types.Func:
		return o.Origin()
	}
	return o
}

// shared reports whether other files can use an object. They cannot use a label, a
// parameter or an import.
func shared(o types.Object) bool {
	if v, ok := o.(*types.Var); ok && v.IsField() {
		return true
	}
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		return true
	}
	return o.Parent() == o.Pkg().Scope()
}

// A Knot is a set of files of a package. Each uses all the others, directly or
// through other files.
type Knot struct {
	Files []string // sorted
	graph *Graph
}

// Knots returns the knots of a package, the largest first. Without knots, the files
// can be put in an order in which every file uses only earlier ones.
func (g *Graph) Knots() (knots []Knot) {
	reached := map[arrow]bool{}
	for a := range g.uses {
		reached[a] = true
	}
	for _, via := range g.Files {
		for _, from := range g.Files {
			for _, to := range g.Files {
				if reached[arrow{from, via}] && reached[arrow{via, to}] {
					reached[arrow{from, to}] = true
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, f := range g.Files {
		if seen[f] || !reached[arrow{f, f}] {
			continue
		}
		k := Knot{graph: g}
		for _, other := range g.Files {
			if reached[arrow{f, other}] && reached[arrow{other, f}] {
				k.Files = append(k.Files, other)
				seen[other] = true
			}
		}
		knots = append(knots, k)
	}
	slices.SortStableFunc(knots, func(a, b Knot) int { return len(b.Files) - len(a.Files) })
	return knots
}

func (k Knot) String() string {
	return fmt.Sprintf("%s: a knot of %d of %d files: %s", k.graph.Package, len(k.Files), len(k.graph.Files), strings.Join(k.Files, " "))
}

// Why returns a line for each use of one file of the knot by another, with the names
// that are used.
func (k Knot) Why() (lines []string) {
	for _, from := range k.Files {
		for _, to := range k.Files {
			if names := k.graph.uses[arrow{from, to}]; len(names) > 0 {
				lines = append(lines, fmt.Sprintf("%s uses of %s: %s", from, to, strings.Join(names, ", ")))
			}
		}
	}
	return lines
}
