package api

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// Callee returns the function or method that is called, as declared and not as
// instantiated, or nil.
func Callee(info *types.Info, expr *ast.CallExpr) *types.Func {
	if fn, ok := typeutil.Callee(info, expr).(*types.Func); ok {
		return fn.Origin()
	}
	return nil
}

// Receiver returns the selector whose operand a method is called on. It returns
// nil for other calls and for method expressions.
func Receiver(info *types.Info, expr *ast.CallExpr) *ast.SelectorExpr {
	fun := ast.Unparen(expr.Fun)
	switch index := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(index.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(index.X)
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if s := info.Selections[sel]; s == nil || s.Kind() != types.MethodVal {
		return nil
	}
	return sel
}

// RecvName returns the name of the type that fn is a method of, or "".
func RecvName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	if named := NamedOf(recv.Type()); named != nil {
		return named.Obj().Name()
	}
	return ""
}

// NamedOf returns the named type of t or of what t points to, or nil.
func NamedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// IsFunc reports whether fn is one of the named functions of a package, or one
// of the named methods of one of its types. A method is written Type.Name.
func IsFunc(fn *types.Func, pkg string, names ...string) bool {
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != pkg {
		return false
	}
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		name = RecvName(fn) + "." + name
	}
	return slices.Contains(names, name)
}

// RecvType returns the type that fn is a method of, or an invalid one.
func RecvType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

// ParamIndex returns the index of v among the parameters of fn, or -1. The
// receiver counts as the first parameter.
func ParamIndex(fn *types.Func, v *types.Var) int {
	if v == nil {
		return -1
	}
	sig := fn.Signature()
	first := 0
	if sig.Recv() != nil {
		if sig.Recv() == v {
			return 0
		}
		first = 1
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return first + i
		}
	}
	return -1
}

// Argument returns the argument of a call of fn for one of its parameters, or
// nil.
func Argument(info *types.Info, expr *ast.CallExpr, fn *types.Func, i int) ast.Expr {
	if fn.Signature().Recv() != nil {
		sel := Receiver(info, expr)
		if sel == nil {
			return nil
		}
		if i == 0 {
			if s := info.Selections[sel]; len(s.Index()) > 1 {
				return nil // promoted from an embedded field
			}
			return sel.X
		}
		i--
	}
	if i >= len(expr.Args) {
		return nil
	}
	return expr.Args[i]
}

// ParamVar returns the variable of the i-th parameter of a function, or nil if
// it has no name.
func ParamVar(info *types.Info, ft *ast.FuncType, i int) *types.Var {
	if i < 0 {
		return nil
	}
	for _, field := range ft.Params.List {
		if len(field.Names) == 0 {
			i--
		}
		for _, name := range field.Names {
			if i == 0 {
				v, _ := info.Defs[name].(*types.Var)
				if name.Name == "_" {
					return nil
				}
				return v
			}
			i--
		}
	}
	return nil
}
