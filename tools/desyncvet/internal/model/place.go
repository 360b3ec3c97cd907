package model

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A Place is an object as a function names it: by one of its parameters, where
// the receiver is the first, or by a package variable.
type Place struct {
	Param     int // -1 for a package variable
	Pkg, Name string
	Path, Key string
}

// place returns r as the callers of fn can name it.
func place(fn *types.Func, r Ref) (Place, bool) {
	if !r.Known() || strings.Contains(r.Path, "@") {
		return Place{}, false
	}
	p := Place{Param: api.ParamIndex(fn, r.Root), Path: r.Path, Key: r.Key}
	if strings.Contains(p.Key, "@") {
		p.Key = AnyKey
	}
	if p.Param < 0 {
		if IsLocal(r.Root) || r.Root.Pkg() == nil {
			return Place{}, false
		}
		p.Pkg, p.Name = r.Root.Pkg().Path(), r.Root.Name()
	}
	return p, true
}

// at returns the object that a summary of fn names, for one call of it.
func (m *Model) at(p Place, expr *ast.CallExpr, fn *types.Func) Ref {
	if p.Param < 0 {
		return m.Variable(p)
	}
	arg := api.Argument(m.Info(), expr, fn, p.Param)
	if arg == nil {
		return Ref{}
	}
	r := m.Ref(arg)
	if r.Known() {
		r.Path += p.Path
		r.Key = p.Key
	}
	return r
}

// Variable returns the package variable that a summary names.
func (m *Model) Variable(p Place) Ref {
	for _, pkg := range append([]*types.Package{m.Pass.Pkg}, m.Pass.Pkg.Imports()...) {
		if pkg.Path() == p.Pkg {
			if v, ok := pkg.Scope().Lookup(p.Name).(*types.Var); ok {
				return Ref{Root: v, Path: p.Path, Key: p.Key}
			}
		}
	}
	return Ref{}
}
