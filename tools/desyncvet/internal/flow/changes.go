package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// changes has a key for everything that a package changes in place: "field
// Type.name" for the elements of a slice or map in a field; "object ..." for the
// elements of a slice or map that is an object's data; "type ..." for the fields
// of a struct behind a pointer, and the elements of a named slice or map. A key
// ends in [] for the elements of elements.
//
// Data that no job changes in place may leave a job: a slice or map that is only
// replaced as a whole, for example, or the values of a registry of pointers.
type changes map[string]change

// A change is a way to change a slice in place.
type change int

const (
	Appended change = iota + 1 // the old elements are not changed
	Altered
)

// Any reports whether there are changes of this kind, or of a worse one, under
// one of the keys.
func (c changes) Any(keys []string, kind change) bool {
	for _, key := range keys {
		if c[key] >= kind {
			return true
		}
	}
	return false
}

// collectChanges looks at all functions of the package. Values that a function
// has just made are left out: they are not the data of an object yet.
func (m *Memory) collectChanges() changes {
	ch := make(changes)
	add := func(container ast.Expr, kind change) {
		if v := m.RootVar(container); v != nil && m.IsNew(v) {
			return
		}
		for _, key := range m.keys(container) {
			ch[key] = max(ch[key], kind)
		}
	}
	written := func(lhs ast.Expr) {
		switch lhs := ast.Unparen(lhs).(type) {
		case *ast.IndexExpr:
			add(lhs.X, Altered)
		case *ast.SelectorExpr:
			if v := m.RootVar(lhs); v != nil && m.IsNew(v) {
				return
			}
			if t, ok := behindPointer(m, lhs); ok && m.inJob(lhs) {
				ch[typeKey(t)] = Altered
			}
		}
	}
	nodes := []ast.Node{(*ast.AssignStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.CallExpr)(nil)}
	m.In.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			written(n.X)
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				written(lhs)
				if len(n.Rhs) != len(n.Lhs) {
					continue
				}
				if expr, ok := ast.Unparen(n.Rhs[i]).(*ast.CallExpr); ok && m.IsBuiltin(expr, "append") {
					arg, kind := ast.Unparen(expr.Args[0]), Appended
					if s, ok := arg.(*ast.SliceExpr); ok && !s.Slice3 {
						arg, kind = s.X, Altered
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

func (m *Memory) changedByCall(n *ast.CallExpr, add func(ast.Expr, change), ch changes) {
	switch {
	case m.IsBuiltin(n, "delete"), m.IsBuiltin(n, "clear"), m.IsBuiltin(n, "copy"):
		add(n.Args[0], Altered)
		return
	}
	for _, arg := range n.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op == token.AND {
			add(u.X, Altered)
		}
	}
	fn := api.Callee(m.Info(), n)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	switch fn.Pkg().Path() {
	case "slices":
		for _, prefix := range []string{"Sort", "Reverse", "Delete", "Insert", "Replace", "Compact"} {
			if strings.HasPrefix(fn.Name(), prefix) && !strings.HasPrefix(fn.Name(), "Sorted") {
				add(n.Args[0], Altered)
			}
		}
	case "maps":
		if api.IsFunc(fn, "maps", "Copy", "DeleteFunc", "Insert") {
			add(n.Args[0], Altered)
		}
	case "sort":
		if len(n.Args) > 0 && !strings.Contains(fn.Name(), "Sorted") && !strings.HasPrefix(fn.Name(), "Search") {
			add(n.Args[0], Altered)
		}
	case "container/heap":
		if len(n.Args) > 0 {
			add(&ast.StarExpr{X: n.Args[0]}, Altered)
		}
	default:
		// A method in a job that writes a field of what its receiver points to.
		if decl := m.Decls[fn]; decl != nil && decl.Recv != nil && m.inJob(n) && m.writesReceiver(decl) {
			if named := api.NamedOf(fn.Signature().Recv().Type()); named != nil {
				ch[typeKey(named)] = Altered
			}
		}
	}
}

func (m *Memory) writesReceiver(decl *ast.FuncDecl) (writes bool) {
	names := decl.Recv.List[0].Names
	if len(names) != 1 {
		return false
	}
	recv, ok := m.Info().Defs[names[0]].(*types.Var)
	if !ok {
		return false
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		check := func(e ast.Expr) {
			if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && m.VarOf(sel.X) == recv {
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
func (m *Memory) inJob(n ast.Node) bool {
	decl := m.Owner[n]
	for lit, u := range m.Uses {
		if (u.Kind == model.UseJob || u.Kind == model.UseVar) && lit.Pos() <= n.Pos() && n.End() <= lit.End() {
			if u.Kind == model.UseJob || m.jobOf[lit] {
				return true
			}
		}
	}
	return decl != nil && m.jobDecls[decl]
}

// behindPointer returns the struct type that a field selection finds behind a
// pointer.
func behindPointer(m *Memory, sel *ast.SelectorExpr) (types.Type, bool) {
	s := m.Info().Selections[sel]
	if s == nil || s.Kind() != types.FieldVal {
		return nil, false
	}
	if p, ok := s.Recv().Underlying().(*types.Pointer); ok {
		return p.Elem(), true
	}
	if x, ok := ast.Unparen(sel.X).(*ast.SelectorExpr); ok {
		return behindPointer(m, x)
	}
	return nil, false
}
