package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// changes has a key for all that a package changes in place: "field
// Type.name" for the elements of a slice or map in a field, "object ..." for
// those of a slice or map that is an object's data, "type ..." for the fields
// of a struct behind a pointer and the elements of a named slice or map. A key
// ends in [] for the elements of elements.
//
// What no job changes in place may leave a job: a slice or map that is only ever
// replaced as a whole, or what a pointer in a registry points to.
type changes map[string]change

// A change is a way to change a slice in place.
type change int

const (
	appended change = iota + 1 // what was there before is left alone
	altered
)

// any reports whether there are changes under one of the keys, of the kind or a
// graver one.
func (c changes) any(keys []string, kind change) bool {
	for _, key := range keys {
		if c[key] >= kind {
			return true
		}
	}
	return false
}

// collectChanges looks at all functions of the package. Values that a function
// has just made are left out: they are not the data of an object yet.
func (m *memory) collectChanges() changes {
	ch := make(changes)
	add := func(container ast.Expr, kind change) {
		if v := m.rootVar(container); v != nil && m.isNew(v) {
			return
		}
		for _, key := range m.keys(container) {
			ch[key] = max(ch[key], kind)
		}
	}
	written := func(lhs ast.Expr) {
		switch lhs := ast.Unparen(lhs).(type) {
		case *ast.IndexExpr:
			add(lhs.X, altered)
		case *ast.SelectorExpr:
			if v := m.rootVar(lhs); v != nil && m.isNew(v) {
				return
			}
			if t, ok := m.behindPointer(lhs); ok && m.inJob(lhs) {
				ch[typeKey(t)] = altered
			}
		}
	}
	nodes := []ast.Node{(*ast.AssignStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.CallExpr)(nil)}
	m.in.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			written(n.X)
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				written(lhs)
				if len(n.Rhs) != len(n.Lhs) {
					continue
				}
				if expr, ok := ast.Unparen(n.Rhs[i]).(*ast.CallExpr); ok && m.isBuiltin(expr, "append") {
					arg, kind := ast.Unparen(expr.Args[0]), appended
					if s, ok := arg.(*ast.SliceExpr); ok && !s.Slice3 {
						arg, kind = s.X, altered
					}
					if types.ExprString(ast.Unparen(arg)) == types.ExprString(ast.Unparen(lhs)) {
						add(lhs, kind)
					}
				}
			}
		case *ast.CallExpr:
			m.changedByCall(n, add, ch)
		}
	})
	return ch
}

func (m *memory) changedByCall(n *ast.CallExpr, add func(ast.Expr, change), ch changes) {
	switch {
	case m.isBuiltin(n, "delete"), m.isBuiltin(n, "clear"), m.isBuiltin(n, "copy"):
		add(n.Args[0], altered)
		return
	}
	for _, arg := range n.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op == token.AND {
			add(u.X, altered)
		}
	}
	fn := api.Callee(m.info(), n)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	switch fn.Pkg().Path() {
	case "slices":
		for _, prefix := range []string{"Sort", "Reverse", "Delete", "Insert", "Replace", "Compact"} {
			if strings.HasPrefix(fn.Name(), prefix) && !strings.HasPrefix(fn.Name(), "Sorted") {
				add(n.Args[0], altered)
			}
		}
	case "maps":
		if api.IsFunc(fn, "maps", "Copy", "DeleteFunc", "Insert") {
			add(n.Args[0], altered)
		}
	case "sort":
		if len(n.Args) > 0 && !strings.Contains(fn.Name(), "Sorted") && !strings.HasPrefix(fn.Name(), "Search") {
			add(n.Args[0], altered)
		}
	case "container/heap":
		if len(n.Args) > 0 {
			add(&ast.StarExpr{X: n.Args[0]}, altered)
		}
	default:
		// A method in a job that writes a field of what its receiver points to.
		if decl := m.decls[fn]; decl != nil && decl.Recv != nil && m.inJob(n) && m.writesReceiver(decl) {
			if named := api.NamedOf(fn.Signature().Recv().Type()); named != nil {
				ch[typeKey(named)] = altered
			}
		}
	}
}

func (m *memory) writesReceiver(decl *ast.FuncDecl) (writes bool) {
	names := decl.Recv.List[0].Names
	if len(names) != 1 {
		return false
	}
	recv, ok := m.info().Defs[names[0]].(*types.Var)
	if !ok {
		return false
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		check := func(e ast.Expr) {
			if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && m.varOf(sel.X) == recv {
				writes = true
			}
		}
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				check(lhs)
			}
		case *ast.IncDecStmt:
			check(n.X)
		}
		return !writes
	})
	return writes
}

// inJob reports whether n stands in the literal of a job.
func (m *memory) inJob(n ast.Node) bool {
	decl := m.owner[n]
	for lit, u := range m.uses {
		if (u.kind == useJob || u.kind == useVar) && lit.Pos() <= n.Pos() && n.End() <= lit.End() {
			if u.kind == useJob || m.jobOf[lit] {
				return true
			}
		}
	}
	return decl != nil && m.jobDecls[decl]
}

// behindPointer returns the struct type that a field selection finds behind a
// pointer.
func (m *model) behindPointer(sel *ast.SelectorExpr) (types.Type, bool) {
	s := m.info().Selections[sel]
	if s == nil || s.Kind() != types.FieldVal {
		return nil, false
	}
	if p, ok := s.Recv().Underlying().(*types.Pointer); ok {
		return p.Elem(), true
	}
	if x, ok := ast.Unparen(sel.X).(*ast.SelectorExpr); ok {
		return m.behindPointer(x)
	}
	return nil, false
}

// rootVar returns the variable that an expression of fields, elements and
// pointers starts from, or nil.
func (m *model) rootVar(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return m.varOf(e)
	case *ast.SelectorExpr:
		if v, ok := m.info().Uses[e.Sel].(*types.Var); ok && !v.IsField() {
			return v
		}
		return m.rootVar(e.X)
	case *ast.IndexExpr:
		return m.rootVar(e.X)
	case *ast.SliceExpr:
		return m.rootVar(e.X)
	case *ast.StarExpr:
		return m.rootVar(e.X)
	case *ast.UnaryExpr:
		return m.rootVar(e.X)
	}
	return nil
}

// isNew reports whether a variable holds something that its function has made.
func (m *model) isNew(v *types.Var) bool {
	info := m.vars[v]
	if info.param || !isLocal(v) {
		return false
	}
	switch init := ast.Unparen(info.init).(type) {
	case nil:
		return info.writes == 0
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		_, ok := ast.Unparen(init.X).(*ast.CompositeLit)
		return ok
	case *ast.CallExpr:
		return m.isBuiltin(init, "new") || m.isBuiltin(init, "make") || m.isBuiltin(init, "append")
	}
	return false
}
