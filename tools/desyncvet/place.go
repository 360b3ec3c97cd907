package desyncvet

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
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
	p := Place{Param: api.ParamIndex(fn, r.root), Path: r.path, Key: r.key}
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
	arg := api.Argument(m.info(), expr, fn, p.Param)
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
