package desyncvet

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// copies returns the type parameters of fn of which it copies a value: the
// receiver's first, then its own.
func (m *model) copies(fn *types.Func, decl *ast.FuncDecl) (copied []int) {
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
		if e == nil || fresh(e) {
			return
		}
		tv, ok := m.info().Types[e]
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
				if v := m.varOf(id); v != nil {
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

// typeArgument returns what a call of fn has for one of its type parameters.
func (m *model) typeArgument(expr *ast.CallExpr, fn *types.Func, i int) types.Type {
	if n := fn.Signature().RecvTypeParams().Len(); i < n {
		sel := api.Receiver(m.info(), expr)
		if sel == nil {
			return nil
		}
		if named := api.NamedOf(m.info().TypeOf(sel.X)); named != nil && i < named.TypeArgs().Len() {
			return named.TypeArgs().At(i)
		}
		return nil
	} else {
		i -= n
	}
	fun := ast.Unparen(expr.Fun)
	switch index := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(index.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(index.X)
	}
	var id *ast.Ident
	switch fun := fun.(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	}
	if id == nil {
		return nil
	}
	if args := m.info().Instances[id].TypeArgs; args != nil && i < args.Len() {
		return args.At(i)
	}
	return nil
}
