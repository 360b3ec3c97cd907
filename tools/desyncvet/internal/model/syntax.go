package model

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// RootVar returns the variable that an expression of fields, elements and
// pointers starts from, or nil.
func (m *Model) RootVar(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return m.VarOf(e)
	case *ast.SelectorExpr:
		if v, ok := m.Info().Uses[e.Sel].(*types.Var); ok && !v.IsField() {
			return v
		}
		return m.RootVar(e.X)
	case *ast.IndexExpr:
		return m.RootVar(e.X)
	case *ast.SliceExpr:
		return m.RootVar(e.X)
	case *ast.StarExpr:
		return m.RootVar(e.X)
	case *ast.UnaryExpr:
		return m.RootVar(e.X)
	}
	return nil
}

// IsNew reports whether a variable holds something that its function has made.
func (m *Model) IsNew(v *types.Var) bool {
	info := m.Vars[v]
	if info.Param || !IsLocal(v) {
		return false
	}
	switch init := ast.Unparen(info.Init).(type) {
	case nil:
		return info.writes == 0
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		_, ok := ast.Unparen(init.X).(*ast.CompositeLit)
		return ok
	case *ast.CallExpr:
		return m.IsBuiltin(init, "new") || m.IsBuiltin(init, "make") || m.IsBuiltin(init, "append")
	}
	return false
}

// Fresh reports whether e makes a new value.
func Fresh(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.CallExpr:
		return true
	case *ast.StarExpr:
		return Fresh(e.X)
	}
	return false
}

// FieldOf returns the type of the field at the end of a path of fields, or nil.
func FieldOf(t types.Type, path string) types.Type {
	for _, name := range strings.Split(path, ".")[1:] {
		s := StructOf(t)
		if s == nil {
			return nil
		}
		t = nil
		for field := range s.Fields() {
			if field.Name() == name {
				t = field.Type()
			}
		}
		if t == nil {
			return nil
		}
	}
	return t
}

// IsBuiltin reports whether a call calls the builtin function of that name.
func (m *Model) IsBuiltin(expr *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(expr.Fun).(*ast.Ident)
	if !ok || id.Name != name {
		return false
	}
	_, ok = m.Info().Uses[id].(*types.Builtin)
	return ok
}

// IsBlank reports whether e is _.
func IsBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// NeverEnds reports whether e is a context that certainly does not end.
func (m *Model) NeverEnds(e ast.Expr) bool { return m.neverEndsOf(e, nil) }

func (m *Model) neverEndsOf(e ast.Expr, t *Trail) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		fn := api.Callee(m.Info(), e)
		return api.IsFunc(fn, "context", "Background", "TODO", "WithoutCancel") ||
			fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "testing" && fn.Name() == "Context"
	case *ast.Ident:
		init, t := m.Only(e, t)
		return init != nil && m.neverEndsOf(init, t)
	}
	return false
}

// StructOf returns the struct that t is or points to, or nil.
func StructOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// Mentions reports whether the function around n, or a function of the same
// package that it calls, uses the named object of package pkg.
func (m *Model) Mentions(n ast.Node, pkg, name string) bool {
	decl := m.Owner[n]
	if decl == nil {
		return false
	}
	found := false
	var look func(decl *ast.FuncDecl, calls bool)
	look = func(decl *ast.FuncDecl, calls bool) {
		ast.Inspect(decl, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || found {
				return !found
			}
			obj := m.Info().Uses[id]
			if obj != nil && id.Name == name && obj.Pkg() != nil && obj.Pkg().Path() == pkg {
				found = true
			}
			if fn, ok := obj.(*types.Func); ok && calls {
				if called := m.Decls[fn.Origin()]; called != nil {
					look(called, false)
				}
			}
			return !found
		})
	}
	look(decl, true)
	return found
}

// IsReceive reports whether e is <-c.
func IsReceive(n ast.Node) bool {
	e, ok := n.(*ast.UnaryExpr)
	return ok && e.Op == token.ARROW
}

// InTest reports whether n stands in the file of a test.
func (m *Model) InTest(n ast.Node) bool {
	return strings.HasSuffix(m.Pass.Fset.Position(n.Pos()).Filename, "_test.go")
}

// OwnerNode returns a node whose owner is known.
func OwnerNode(n ast.Node, f Frame) ast.Node {
	if _, ok := n.(*ast.CallExpr); ok {
		return n
	}
	return f.Thread
}

// NamesVar reports whether n names v.
func (m *Model) NamesVar(n ast.Node, v *types.Var) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && m.Info().Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// isCalmStream reports whether e is certainly a reader or writer that does not
// wait for another goroutine.
func (m *Model) isCalmStream(e ast.Expr) bool {
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		if v, ok := m.Info().Uses[sel.Sel].(*types.Var); ok && v.Pkg() != nil {
			switch v.Pkg().Path() + "." + v.Name() {
			case "os.Stdout", "os.Stderr", "io.Discard":
				return true
			}
		}
	}
	named := api.NamedOf(m.Info().TypeOf(e))
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "bytes.Buffer", "bytes.Reader", "strings.Builder", "strings.Reader":
		return true
	}
	return false
}

// TypeArgument returns the type argument of a call of fn for one of its type
// parameters.
func (m *Model) TypeArgument(expr *ast.CallExpr, fn *types.Func, i int) types.Type {
	if n := fn.Signature().RecvTypeParams().Len(); i < n {
		sel := api.Receiver(m.Info(), expr)
		if sel == nil {
			return nil
		}
		if named := api.NamedOf(m.Info().TypeOf(sel.X)); named != nil && i < named.TypeArgs().Len() {
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
	if args := m.Info().Instances[id].TypeArgs; args != nil && i < args.Len() {
		return args.At(i)
	}
	return nil
}

// VarOf returns the variable that e is, or nil.
func (m *Model) VarOf(e ast.Expr) *types.Var {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		v, _ := m.Info().ObjectOf(id).(*types.Var)
		return v
	}
	return nil
}
