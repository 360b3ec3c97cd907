package model

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// guards are the parts of a function that run only if its caller says so, so
// that the function alone does not show whether they run.
type guards [][2]token.Pos

func (g guards) cover(n ast.Node) bool {
	return slices.ContainsFunc(g, func(r [2]token.Pos) bool { return r[0] <= n.Pos() && n.End() <= r[1] })
}

func (m *Model) guards(decl *ast.FuncDecl) (g guards) {
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			return true
		}
		for _, stmt := range block.List {
			s, ok := stmt.(*ast.IfStmt)
			if !ok || !m.dependsOnCaller(s) {
				continue
			}
			g = append(g, [2]token.Pos{s.Body.Pos(), s.End()})
			if k := len(s.Body.List); k > 0 {
				if _, ok := s.Body.List[k-1].(*ast.ReturnStmt); ok {
					g = append(g, [2]token.Pos{s.End(), block.End()})
				}
			}
		}
		return true
	})
	return g
}

// dependsOnCaller reports whether the condition asks a boolean parameter or a
// value of a context.
func (m *Model) dependsOnCaller(s *ast.IfStmt) (depends bool) {
	ask := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if v, ok := m.Info().Uses[n].(*types.Var); ok && m.Vars[v].Param {
				b, ok := v.Type().Underlying().(*types.Basic)
				depends = depends || ok && b.Info()&types.IsBoolean != 0
			}
		case *ast.CallExpr:
			depends = depends || api.IsFunc(api.Callee(m.Info(), n), "context", "Context.Value")
		}
		return true
	}
	ast.Inspect(s.Cond, ask)
	if s.Init != nil {
		ast.Inspect(s.Init, ask)
	}
	return depends
}
