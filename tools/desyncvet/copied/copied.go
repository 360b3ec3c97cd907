// Package copied has the check copied, which finds copies of objects that vet's
// copylocks does not see. Run desyncvet help copied for its documentation.
package copied

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find copies of objects that vet's copylocks does not see

A Desync, Map, Promise or Future must not be copied: the copy has the data and
the state of the queue, but not the waiters, and both may run jobs on the same
data at the same time. The check reports

  - append, copy, and functions of packages slices, maps and sort that copy or
    move the elements of a slice or map, if an element is or contains an object;
  - calls of generic functions, in any package, that copy a value of a type
    parameter, if the value is or contains an object;
  - sends of an object to a channel, and type switches that take an object out of
    an interface;
  - *f() in a declaration, an assignment, a result, an argument or a literal, if f
    returns a pointer to an object.

	shards = append(shards, desync.Desync[int]{}) // moves the objects in use

Plain assignments, arguments, results and range variables are left to copylocks,
which is part of go vet.

An append of a new object to a slice that the function has made is fine as long as
no object in the slice has been used, and is not reported. Otherwise keep
pointers: []*desync.Desync[int].`

// Analyzer is the check.
var Analyzer = check.New("copied", doc, func(_ *analysis.Pass, m *model.Facts, report check.Reporter) {
	at := func(n ast.Node, format string, args ...any) {
		report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: fmt.Sprintf(format, args...)})
	}
	for c := range m.In.Root().Preorder((*ast.StarExpr)(nil)) {
		checkDereferenced(m, c, at)
	}
	nodes := []ast.Node{(*ast.CallExpr)(nil), (*ast.SendStmt)(nil), (*ast.TypeSwitchStmt)(nil)}
	m.In.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.SendStmt:
			if name := api.Contained(m.Info().TypeOf(n.Value)); name != "" && !model.Fresh(n.Value) && calledPointer(n.Value) == nil {
				at(n.Value, "sends a copy of a %s", name)
			}
		case *ast.TypeSwitchStmt:
			checkTypeSwitch(m, n, at)
		case *ast.CallExpr:
			checkCopyCall(m, n, at)
		}
	})
})

// checkDereferenced reports *f() where it is used as a value. Copylocks does not:
// it assumes that f has just made the value that it returns.
func checkDereferenced(m *model.Facts, c inspector.Cursor, at func(ast.Node, string, ...any)) {
	star := c.Node().(*ast.StarExpr)
	call := calledPointer(star)
	if call == nil || m.MakesNew(call) {
		return
	}
	name := api.Contained(m.Info().TypeOf(star))
	if name == "" {
		return
	}
	kind, _ := c.ParentEdge()
	p := c.Parent()
	for kind == edge.ParenExpr_X {
		kind, _ = p.ParentEdge()
		p = p.Parent()
	}
	switch kind {
	case edge.AssignStmt_Rhs:
		stmt := p.Node().(*ast.AssignStmt)
		if len(stmt.Lhs) == 1 && model.IsBlank(stmt.Lhs[0]) {
			return
		}
	case edge.CallExpr_Args:
		expr := p.Node().(*ast.CallExpr)
		if tv := m.Info().Types[expr.Fun]; tv.IsBuiltin() && !m.IsBuiltin(expr, "append") {
			return // it is not evaluated, or printed by println
		}
	case edge.ValueSpec_Values, edge.ReturnStmt_Results, edge.CompositeLit_Elts, edge.KeyValueExpr_Value, edge.SendStmt_Value:
	default:
		return
	}
	at(star, "copies the %s that %s returns a pointer to", name, types.ExprString(call.Fun))
}

// calledPointer returns the call in *f(), or nil.
func calledPointer(e ast.Expr) *ast.CallExpr {
	star, ok := ast.Unparen(e).(*ast.StarExpr)
	if !ok {
		return nil
	}
	call, _ := ast.Unparen(star.X).(*ast.CallExpr)
	return call
}

func checkTypeSwitch(m *model.Facts, n *ast.TypeSwitchStmt, at func(ast.Node, string, ...any)) {
	if _, ok := n.Assign.(*ast.AssignStmt); !ok {
		return
	}
	for _, stmt := range n.Body.List {
		clause := stmt.(*ast.CaseClause)
		if v, ok := m.Info().Implicits[clause].(*types.Var); ok && len(clause.List) == 1 {
			if name := api.Contained(v.Type()); name != "" {
				at(clause.List[0], "the case makes a copy of a %s", name)
			}
		}
	}
}

func checkCopyCall(m *model.Facts, expr *ast.CallExpr, at func(ast.Node, string, ...any)) {
	switch {
	case m.IsBuiltin(expr, "copy"):
		if name := elemContains(m, expr.Args[0]); name != "" {
			at(expr, "copy copies a %s", name)
		}
		return
	case m.IsBuiltin(expr, "append"):
		checkAppend(m, expr, at)
		return
	}
	fn := api.Callee(m.Info(), expr)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	switch fn.Pkg().Path() {
	case "slices":
		if slices.Contains([]string{"Clip", "Values", "All", "Backward", "Chunk"}, fn.Name()) {
			return // Clip leaves them in place; the others copy when they are ranged over, which copylocks sees
		}
		for _, arg := range expr.Args {
			if name := elemContains(m, arg); name != "" {
				at(expr, "slices.%s copies a %s", fn.Name(), name)
				return
			}
		}
	case "maps":
		for _, arg := range expr.Args {
			if name := elemContains(m, arg); name != "" && fn.Name() != "Keys" && fn.Name() != "Values" && fn.Name() != "All" {
				at(expr, "maps.%s copies a %s", fn.Name(), name)
				return
			}
		}
	case "sort":
		if api.IsFunc(fn, "sort", "Slice", "SliceStable") && len(expr.Args) > 0 {
			if name := elemContains(m, expr.Args[0]); name != "" {
				at(expr, "sort.%s moves a %s", fn.Name(), name)
			}
		}
	default:
		copies := m.Summary(fn).Copies
		for _, i := range copies {
			if targ := m.TypeArgument(expr, fn, i); targ != nil {
				if name := api.Contained(targ); name != "" {
					at(expr, "%s copies a %s", fn.Name(), name)
					return
				}
			}
		}
	}
}

// checkAppend reports an append that copies objects from one slice to another, or
// that may move the objects of a slice in use.
func checkAppend(m *model.Facts, expr *ast.CallExpr, at func(ast.Node, string, ...any)) {
	name := elemContains(m, expr.Args[0])
	if name == "" || len(expr.Args) < 2 {
		return
	}
	if expr.Ellipsis.IsValid() {
		at(expr, "append copies a %s", name)
		return
	}
	v := m.VarOf(expr.Args[0])
	switch {
	case v == nil:
		if root := m.RootVar(expr.Args[0]); root != nil && !m.IsNew(root) {
			at(expr, "append moves a %s in use when the slice grows", name)
		}
	case !model.IsLocal(v) || elementUsed(m, v, expr):
		at(expr, "append moves a %s in use when the slice grows", name)
	}
}

// elementUsed reports whether the function around an append to v uses an
// element of v before, or in a loop around both.
func elementUsed(m *model.Facts, v *types.Var, expr *ast.CallExpr) bool {
	decl := m.Owner[expr]
	if decl == nil {
		return false
	}
	limit := expr.Pos()
	var loop ast.Node
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if loop == nil && n.Pos() <= expr.Pos() && expr.End() <= n.End() && n.Pos() > v.Pos() {
				loop, limit = n, n.End()
			}
		}
		return true
	})
	used := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		var x ast.Expr
		switch n := n.(type) {
		case *ast.SelectorExpr: // v[i].Do, v[i].d.Do
			x = n.X
		case *ast.UnaryExpr: // &v[i]
			if n.Op == token.AND {
				x = n.X
			}
		}
		if x == nil || x.Pos() >= limit {
			return true
		}
		if index, ok := ast.Unparen(x).(*ast.IndexExpr); ok && m.VarOf(index.X) == v {
			used = true
		}
		return !used
	})
	return used
}

// elemContains returns the name of the object that the elements of e, a slice or
// map, are or contain, or "".
func elemContains(m *model.Facts, e ast.Expr) string {
	t := m.Info().TypeOf(e)
	if t == nil {
		return ""
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return api.Contained(t.Elem())
	case *types.Map:
		return api.Contained(t.Elem())
	}
	return ""
}
