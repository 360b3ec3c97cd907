package model

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// MakesNew reports whether a call returns a pointer to an object that it has just
// made, so that nobody else has the pointer.
func (m *Facts) MakesNew(expr *ast.CallExpr) bool {
	if m.IsBuiltin(expr, "new") {
		return true
	}
	fn := api.Callee(m.Info(), expr)
	return api.IsFunc(fn, api.DesyncPath, "New", "NewMap", "NewMapContext") || fn != nil && m.Summary(fn).New
}

// returnsNew reports whether a function always returns a pointer to something that
// it has just made.
func (m *Facts) returnsNew(decl *ast.FuncDecl) bool {
	returns, made := 0, 0
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns++
			if len(n.Results) != 1 {
				return true
			}
			switch e := ast.Unparen(n.Results[0]).(type) {
			case *ast.UnaryExpr:
				if _, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok && e.Op == token.AND {
					made++
				}
			case *ast.CallExpr:
				if m.MakesNew(e) {
					made++
				}
			}
		}
		return true
	})
	return returns > 0 && returns == made
}

// copies returns the type parameters of fn whose values it copies: those of the
// receiver first, then its own.
func (m *Model) copies(fn *types.Func, decl *ast.FuncDecl) (copied []int) {
	var params []*types.TypeParam
	for _, list := range []*types.TypeParamList{fn.Signature().RecvTypeParams(), fn.Signature().TypeParams()} {
		for i := range list.Len() {
			params = append(params, list.At(i))
		}
	}
	if len(params) == 0 {
		return nil
	}
	add := func(e ast.Expr) {
		if e == nil || Fresh(e) {
			return
		}
		tv, ok := m.Info().Types[e]
		if p, isParam := types.Unalias(tv.Type).(*types.TypeParam); ok && tv.IsValue() && isParam {
			if i := slices.Index(params, p); i >= 0 && !slices.Contains(copied, i) {
				copied = append(copied, i)
			}
		}
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Rhs {
				add(e)
			}
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				add(e)
			}
		case *ast.ValueSpec:
			for _, e := range n.Values {
				add(e)
			}
		case *ast.CallExpr:
			for _, e := range n.Args {
				add(e)
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				add(e)
			}
		case *ast.SendStmt:
			add(n.Value)
		case *ast.RangeStmt:
			if id, ok := n.Value.(*ast.Ident); ok && id.Name != "_" {
				if v := m.VarOf(id); v != nil {
					if p, ok := types.Unalias(v.Type()).(*types.TypeParam); ok {
						if i := slices.Index(params, p); i >= 0 && !slices.Contains(copied, i) {
							copied = append(copied, i)
						}
					}
				}
			}
		}
		return true
	})
	slices.Sort(copied)
	return copied
}
