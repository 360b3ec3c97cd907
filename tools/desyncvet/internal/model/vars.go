package model

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A varInfo says how a variable gets its value.
type varInfo struct {
	writes    int      // assignments, the one in the declaration included
	Init      ast.Expr // the value, if it is written once and by a plain assignment
	addressed bool
	Param     bool
}

// vars has an entry for every variable of a package that is declared with a
// value, assigned, a parameter, or whose address is taken.
type vars map[*types.Var]varInfo

// Stable reports whether v always has the same value, or is the object itself.
func (vs vars) Stable(v *types.Var) bool {
	if _, ok := v.Type().Underlying().(*types.Struct); ok {
		return true
	}
	i := vs[v]
	limit := 1
	if i.Param {
		limit = 0
	}
	return i.writes <= limit && !i.addressed
}

// A Trail has the variables through which a value was followed, so that none is
// followed twice.
type Trail struct {
	v  *types.Var
	up *Trail
}

// Has reports whether v is on the trail.
func (t *Trail) Has(v *types.Var) bool { return t != nil && (t.v == v || t.up.Has(v)) }

// With returns the trail that goes on through v.
func (t *Trail) With(v *types.Var) *Trail { return &Trail{v, t} }

// Only returns the one value of the variable e, and the trail for following that
// value. It returns nil if there is no such value, or if the variable is on the
// trail.
func (m *Model) Only(e ast.Expr, t *Trail) (ast.Expr, *Trail) {
	v := m.VarOf(e)
	if v == nil || t.Has(v) || !m.Vars.Stable(v) {
		return nil, t
	}
	return m.Vars[v].Init, &Trail{v, t}
}

func collectVars(info *types.Info, in *inspector.Inspector) vars {
	vs := make(vars)
	write := func(e ast.Expr, value ast.Expr) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return
		}
		if v, ok := info.ObjectOf(id).(*types.Var); ok {
			i := vs[v]
			i.writes++
			i.Init = nil
			if i.writes == 1 && !i.Param {
				i.Init = value
			}
			vs[v] = i
		}
	}
	params := func(lists ...*ast.FieldList) {
		for _, list := range lists {
			if list == nil {
				continue
			}
			for _, field := range list.List {
				for _, name := range field.Names {
					if v, ok := info.Defs[name].(*types.Var); ok {
						vs[v] = varInfo{Param: true}
					}
				}
			}
		}
	}
	steps := make(map[ast.Node]bool) // i := 0 and i++ of a loop: each round has an i of its own
	nodes := []ast.Node{
		(*ast.FuncDecl)(nil), (*ast.ForStmt)(nil), (*ast.FuncLit)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil),
		(*ast.RangeStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.UnaryExpr)(nil),
	}
	in.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			params(n.Recv, n.Type.Params, n.Type.Results)
		case *ast.FuncLit:
			params(n.Type.Params, n.Type.Results)
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				var value ast.Expr
				if len(n.Rhs) == len(n.Lhs) && !steps[n] && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
					value = n.Rhs[i]
				}
				write(lhs, value)
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if len(n.Values) == len(n.Names) {
					write(name, n.Values[i])
				} else if len(n.Values) > 0 {
					write(name, nil)
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e != nil {
					write(e, nil)
				}
			}
		case *ast.ForStmt:
			if stepsVar(info, n) {
				steps[n.Init], steps[n.Post] = true, true
			}
		case *ast.IncDecStmt:
			if !steps[n] {
				write(n.X, nil)
			}
		case *ast.UnaryExpr:
			if id, ok := ast.Unparen(n.X).(*ast.Ident); ok && n.Op == token.AND {
				if v, ok := info.ObjectOf(id).(*types.Var); ok {
					i := vs[v]
					i.addressed = true
					vs[v] = i
				}
			}
		}
	})
	return vs
}

// stepsVar reports whether a loop is of the form for i := 0; i < n; i++.
func stepsVar(info *types.Info, n *ast.ForStmt) bool {
	init, ok := n.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE || len(init.Lhs) != 1 {
		return false
	}
	post, ok := n.Post.(*ast.IncDecStmt)
	if !ok {
		return false
	}
	id, ok := post.X.(*ast.Ident)
	return ok && info.Uses[id] != nil && info.Uses[id] == info.Defs[init.Lhs[0].(*ast.Ident)]
}
