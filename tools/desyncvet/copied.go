package desyncvet

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
)

const copiedDoc = `find copies of objects that vet's copylocks does not see

A Desync, Map, Promise or Future must not be copied: the copy has the data and
the state of the queue, but not the waiters, and the two run jobs on what the
data refers to at the same time. The check reports

  - append, copy, and functions of packages slices, maps and sort that copy or
    move the elements of a slice or map, where an element is or contains an
    object;
  - calls of functions with type parameters, in any package, that copy a value of
    a type parameter, with an object for it;
  - sending an object to a channel, and type switches that take one out of an
    interface;
  - an object that a call returns a pointer to, copied by *f() in a declaration, an
    assignment, a result, an argument or a literal.

	shards = append(shards, desync.Desync[int]{}) // moves the objects in use

Plain assignments, arguments, results and range variables are left to copylocks,
which is part of go vet.

To append a new object to a slice that the function has made is fine as long as
none in the slice has been used, and is not reported. Otherwise keep pointers: []*desync.Desync[int].`

func copiedCheck(factsOf *analysis.Analyzer) *analysis.Analyzer {
	return check("copied", copiedDoc, factsOf, func(_ *analysis.Pass, m *facts, report reporter) {
		at := func(n ast.Node, format string, args ...any) {
			report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: fmt.Sprintf(format, args...)})
		}
		for c := range m.in.Root().Preorder((*ast.StarExpr)(nil)) {
			m.checkDereferenced(c, at)
		}
		nodes := []ast.Node{(*ast.CallExpr)(nil), (*ast.SendStmt)(nil), (*ast.TypeSwitchStmt)(nil)}
		m.in.Preorder(nodes, func(n ast.Node) {
			switch n := n.(type) {
			case *ast.SendStmt:
				if name := api.Contained(m.info().TypeOf(n.Value)); name != "" && !fresh(n.Value) && calledPointer(n.Value) == nil {
					at(n.Value, "sends a copy of a %s", name)
				}
			case *ast.TypeSwitchStmt:
				m.checkTypeSwitch(n, at)
			case *ast.CallExpr:
				m.checkCopyCall(n, at)
			}
		})
	})
}

// checkDereferenced reports *f() where it is used as a value. Copylocks takes f for
// a function that has just made what it returns.
func (m *facts) checkDereferenced(c inspector.Cursor, at func(ast.Node, string, ...any)) {
	star := c.Node().(*ast.StarExpr)
	call := calledPointer(star)
	if call == nil || m.makesNew(call) {
		return
	}
	name := api.Contained(m.info().TypeOf(star))
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
		if len(stmt.Lhs) == 1 && isBlank(stmt.Lhs[0]) {
			return
		}
	case edge.CallExpr_Args:
		expr := p.Node().(*ast.CallExpr)
		if tv := m.info().Types[expr.Fun]; tv.IsBuiltin() && !m.isBuiltin(expr, "append") {
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

// makesNew reports whether a call returns a pointer that nobody else has: to an
// object that it has just made.
func (m *facts) makesNew(expr *ast.CallExpr) bool {
	if m.isBuiltin(expr, "new") {
		return true
	}
	fn := api.Callee(m.info(), expr)
	return api.IsFunc(fn, api.DesyncPath, "New", "NewMap") || fn != nil && m.summary(fn).New
}

// returnsNew reports whether all that a function returns is a pointer to what it has
// just made.
func (m *facts) returnsNew(decl *ast.FuncDecl) bool {
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
				if m.makesNew(e) {
					made++
				}
			}
		}
		return true
	})
	return returns > 0 && returns == made
}

func (m *facts) checkTypeSwitch(n *ast.TypeSwitchStmt, at func(ast.Node, string, ...any)) {
	if _, ok := n.Assign.(*ast.AssignStmt); !ok {
		return
	}
	for _, stmt := range n.Body.List {
		clause := stmt.(*ast.CaseClause)
		if v, ok := m.info().Implicits[clause].(*types.Var); ok && len(clause.List) == 1 {
			if name := api.Contained(v.Type()); name != "" {
				at(clause.List[0], "the case makes a copy of a %s", name)
			}
		}
	}
}

func (m *facts) checkCopyCall(expr *ast.CallExpr, at func(ast.Node, string, ...any)) {
	switch {
	case m.isBuiltin(expr, "copy"):
		if name := m.elemContains(expr.Args[0]); name != "" {
			at(expr, "copy copies a %s", name)
		}
		return
	case m.isBuiltin(expr, "append"):
		m.checkAppend(expr, at)
		return
	}
	fn := api.Callee(m.info(), expr)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	switch fn.Pkg().Path() {
	case "slices":
		if slices.Contains([]string{"Clip", "Values", "All", "Backward", "Chunk"}, fn.Name()) {
			return // Clip leaves them in place; the others copy when they are ranged over, which copylocks sees
		}
		for _, arg := range expr.Args {
			if name := m.elemContains(arg); name != "" {
				at(expr, "slices.%s copies a %s", fn.Name(), name)
				return
			}
		}
	case "maps":
		for _, arg := range expr.Args {
			if name := m.elemContains(arg); name != "" && fn.Name() != "Keys" && fn.Name() != "Values" && fn.Name() != "All" {
				at(expr, "maps.%s copies a %s", fn.Name(), name)
				return
			}
		}
	case "sort":
		if api.IsFunc(fn, "sort", "Slice", "SliceStable") && len(expr.Args) > 0 {
			if name := m.elemContains(expr.Args[0]); name != "" {
				at(expr, "sort.%s moves a %s", fn.Name(), name)
			}
		}
	default:
		copies := m.summary(fn).Copies
		for _, i := range copies {
			if targ := m.typeArgument(expr, fn, i); targ != nil {
				if name := api.Contained(targ); name != "" {
					at(expr, "%s copies a %s", fn.Name(), name)
					return
				}
			}
		}
	}
}

// checkAppend reports an append that copies objects from one slice to another,
// and one that may move those of a slice in use.
func (m *facts) checkAppend(expr *ast.CallExpr, at func(ast.Node, string, ...any)) {
	name := m.elemContains(expr.Args[0])
	if name == "" || len(expr.Args) < 2 {
		return
	}
	if expr.Ellipsis.IsValid() {
		at(expr, "append copies a %s", name)
		return
	}
	v := m.varOf(expr.Args[0])
	switch {
	case v == nil:
		if root := m.rootVar(expr.Args[0]); root != nil && !m.isNew(root) {
			at(expr, "append moves a %s in use when the slice grows", name)
		}
	case !isLocal(v) || m.elementUsed(v, expr):
		at(expr, "append moves a %s in use when the slice grows", name)
	}
}

// elementUsed reports whether the function around an append to v uses an
// element of v before, or in a loop around both.
func (m *model) elementUsed(v *types.Var, expr *ast.CallExpr) bool {
	decl := m.owner[expr]
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
		if index, ok := ast.Unparen(x).(*ast.IndexExpr); ok && m.varOf(index.X) == v {
			used = true
		}
		return !used
	})
	return used
}

// elemContains returns the object that the elements of e, a slice or map, are
// or contain, or "".
func (m *model) elemContains(e ast.Expr) string {
	t := m.info().TypeOf(e)
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

// fresh reports whether e makes a new value.
func fresh(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.CallExpr:
		return true
	case *ast.StarExpr:
		return fresh(e.X)
	}
	return false
}
