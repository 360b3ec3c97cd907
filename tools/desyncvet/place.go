package desyncvet

import (
	"go/ast"
	"go/types"
	"strings"
)

// A Place is an object as a function names it: by one of its parameters, the
// receiver being the first, or by a package variable.
type Place struct {
	Param     int // -1 for a package variable
	Pkg, Name string
	Path, Key string
}

// place returns r as the callers of fn can name it.
func place(fn *types.Func, r ref) (Place, bool) {
	if !r.known() || strings.Contains(r.path, "@") {
		return Place{}, false
	}
	p := Place{Param: paramIndex(fn, r.root), Path: r.path, Key: r.key}
	if strings.Contains(p.Key, "@") {
		p.Key = anyKey
	}
	if p.Param < 0 {
		if isLocal(r.root) || r.root.Pkg() == nil {
			return Place{}, false
		}
		p.Pkg, p.Name = r.root.Pkg().Path(), r.root.Name()
	}
	return p, true
}

// at returns the object that a summary of fn names, for one call of it.
func (m *model) at(p Place, expr *ast.CallExpr, fn *types.Func) ref {
	if p.Param < 0 {
		return m.variable(p)
	}
	arg := argument(m.info(), expr, fn, p.Param)
	if arg == nil {
		return ref{}
	}
	r := m.ref(arg)
	if r.known() {
		r.path += p.Path
		r.key = p.Key
	}
	return r
}

// variable returns the package variable that a summary names.
func (m *model) variable(p Place) ref {
	for _, pkg := range append([]*types.Package{m.pass.Pkg}, m.pass.Pkg.Imports()...) {
		if pkg.Path() == p.Pkg {
			if v, ok := pkg.Scope().Lookup(p.Name).(*types.Var); ok {
				return ref{root: v, path: p.Path, key: p.Key}
			}
		}
	}
	return ref{}
}

// paramIndex returns the index of v among the parameters of fn, of which the
// receiver is the first, or -1.
func paramIndex(fn *types.Func, v *types.Var) int {
	if v == nil {
		return -1
	}
	sig := fn.Signature()
	first := 0
	if sig.Recv() != nil {
		if sig.Recv() == v {
			return 0
		}
		first = 1
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return first + i
		}
	}
	return -1
}

// argument returns what a call of fn hands over for one of its parameters, or
// nil.
func argument(info *types.Info, expr *ast.CallExpr, fn *types.Func, i int) ast.Expr {
	if fn.Signature().Recv() != nil {
		sel := receiver(info, expr)
		if sel == nil {
			return nil
		}
		if i == 0 {
			if s := info.Selections[sel]; len(s.Index()) > 1 {
				return nil // promoted from an embedded field
			}
			return sel.X
		}
		i--
	}
	if i >= len(expr.Args) {
		return nil
	}
	return expr.Args[i]
}
