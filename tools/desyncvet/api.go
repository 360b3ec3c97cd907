package desyncvet

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

const (
	desyncPath  = "github.com/go-desync/go-desync/desync"
	futuresPath = "github.com/go-desync/go-desync/futures"
	adapters    = "github.com/go-desync/go-desync/adapters/"
)

// A mode says where the job of a call runs, and whether the caller waits.
type mode int

const (
	background mode = iota // on another goroutine; the caller does not wait
	foreground             // on the caller's goroutine, in its turn
	try                    // on the caller's goroutine, or not at all
	waiting                // no job: the caller waits for the object
)

// A shape says what the arguments of one function of package desync mean.
type shape struct {
	mode   mode
	ctx    int // the argument that is the context, or -1
	key    int // the argument that is the key of a Map, or -1
	job    int // the argument that is the job, or -1
	data   int // the parameter of the job that points to the data
	all    bool
	object int  // the argument that is the object, or -1
	lazy   bool // the jobs are queued when somebody asks for their results
}

// shapeOf describes the functions that take a job or wait, by receiver and
// name.
func shapeOf(recv, name string) (shape, bool) {
	switch recv {
	case "Desync":
		switch name {
		case "Async", "Future":
			return shape{background, -1, -1, 0, 0, false, -1, false}, true
		case "After":
			return shape{background, -1, -1, 1, 0, false, -1, false}, true
		case "Do", "Sync":
			return shape{foreground, -1, -1, 0, 0, false, -1, false}, true
		case "TryDo", "TrySync":
			return shape{try, -1, -1, 0, 0, false, -1, false}, true
		case "DoContext", "SyncContext":
			return shape{foreground, 0, -1, 1, 1, false, -1, false}, true
		case "FutureContext":
			return shape{background, 0, -1, 1, 1, false, -1, false}, true
		}
	case "Map":
		switch name {
		case "Async", "Future":
			return shape{background, -1, 0, 1, 0, false, -1, false}, true
		case "Do", "Sync":
			return shape{foreground, -1, 0, 1, 0, false, -1, false}, true
		case "DoContext", "SyncContext":
			return shape{foreground, 0, 1, 2, 1, false, -1, false}, true
		case "FutureContext":
			return shape{background, 0, 1, 2, 1, false, -1, false}, true
		case "Range":
			return shape{foreground, -1, -1, 0, 1, true, -1, false}, true
		case "EvictIdle":
			return shape{background, -1, -1, 1, 1, true, -1, false}, true
		case "Wait":
			return shape{waiting, 0, -1, -1, -1, true, -1, false}, true
		}
	case "":
		switch name {
		case "Sync2":
			return shape{foreground, -1, -1, 2, 0, false, -1, false}, true
		case "DoAll":
			return shape{foreground, -1, -1, 1, 0, false, -1, false}, true
		}
	}
	return shape{}, false
}

// A call is a call of package desync that takes a job or waits.
type call struct {
	shape
	expr *ast.CallExpr
	recv string // the receiver's type, "" for a function
	name string
}

// String is how messages name the call.
func (c *call) String() string { return c.name }

func (c *call) arg(i int) ast.Expr {
	if i < 0 || i >= len(c.expr.Args) {
		return nil
	}
	return c.expr.Args[i]
}

// asCall returns what a call of package desync means, or of an adapter that takes a
// job, or nil.
func asCall(info *types.Info, expr *ast.CallExpr) *call {
	fn := callee(info, expr)
	if fn == nil || fn.Pkg() == nil {
		return nil
	}
	if name, s, ok := adapterShape(fn); ok {
		return &call{shape: s, expr: expr, recv: "adapters", name: name}
	}
	if fn.Pkg().Path() != desyncPath {
		return nil
	}
	recv := recvName(fn)
	s, ok := shapeOf(recv, fn.Name())
	if !ok || recv != "" && receiver(info, expr) == nil {
		return nil
	}
	return &call{shape: s, expr: expr, recv: recv, name: fn.Name()}
}

// callee returns the function or method that is called, as declared and not as
// instantiated, or nil.
func callee(info *types.Info, expr *ast.CallExpr) *types.Func {
	if fn, ok := typeutil.Callee(info, expr).(*types.Func); ok {
		return fn.Origin()
	}
	return nil
}

// receiver returns the expression that a method is called on, or nil for
// another call and for a method expression.
func receiver(info *types.Info, expr *ast.CallExpr) *ast.SelectorExpr {
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

// recvName returns the name of the type that fn is a method of, or "".
func recvName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	if named := namedOf(recv.Type()); named != nil {
		return named.Obj().Name()
	}
	return ""
}

// namedOf returns the named type of t or of what t points to, or nil.
func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// isFunc reports whether fn is one of the named functions of a package, or one
// of the named methods of one of its types. A method is written Type.Name.
func isFunc(fn *types.Func, pkg string, names ...string) bool {
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != pkg {
		return false
	}
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		name = recvName(fn) + "." + name
	}
	return slices.Contains(names, name)
}

// isObject reports whether t is a type whose values must not be copied: one of
// package desync or futures that other goroutines know by its address.
func isObject(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() {
	case desyncPath:
		return named.Obj().Name() == "Desync" || named.Obj().Name() == "Map"
	case futuresPath:
		return named.Obj().Name() == "Future" || named.Obj().Name() == "Promise"
	}
	return false
}
