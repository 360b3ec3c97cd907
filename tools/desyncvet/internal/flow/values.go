// Package flow follows values from the data of objects through functions, and the jobs that
// a function has handed over along its paths, up to the barriers at which it waits.
package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// A Values follows the parameters of one function through its body.
type Values struct {
	m      *Memory
	body   *ast.BlockStmt
	params map[*types.Var]bool // true for a slice of pointers, as of DoAll
	locals map[*types.Var][]Origin
	mixed  map[*types.Var]bool            // variables that get other values as well
	filled map[*types.Var][]Origin        // slices and maps to which elements are copied
	fixed  map[*types.Var]map[string]bool // fields of local variables that get other values
	moved  map[*types.Var][]string        // places that get another value
	popped map[*types.Var][]string        // slices and maps that are replaced or that an element is deleted from
}

// NewValues follows the parameters through the body. A parameter that is true in params
// is a slice of pointers to data.
func NewValues(m *Memory, body *ast.BlockStmt, params map[*types.Var]bool) *Values {
	f := &Values{
		m: m, body: body, params: params,
		locals: make(map[*types.Var][]Origin),
		mixed:  make(map[*types.Var]bool),
		filled: make(map[*types.Var][]Origin),
		fixed:  make(map[*types.Var]map[string]bool),
		moved:  make(map[*types.Var][]string),
		popped: make(map[*types.Var][]string),
	}
	// Values go from variable to variable: three rounds follow two of them.
	for range 3 {
		ast.Inspect(body, func(n ast.Node) bool {
			f.note(n)
			return true
		})
	}
	return f
}

func (f *Values) inside(v *types.Var) bool {
	return v != nil && f.body.Pos() <= v.Pos() && v.Pos() < f.body.End()
}

func (f *Values) note(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) != len(n.Rhs) {
			for i, lhs := range n.Lhs {
				if i == 0 {
					f.assign(lhs, n.Rhs[0]) // v, ok := m[k]
				}
			}
			return
		}
		for i := range n.Lhs {
			if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
				f.assign(n.Lhs[i], n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if len(n.Values) == len(n.Names) {
				f.assign(name, n.Values[i])
			}
		}
	case *ast.RangeStmt:
		if n.Value == nil {
			return
		}
		if id, ok := n.Value.(*ast.Ident); ok {
			for _, o := range f.eval(n.X) {
				f.add(f.m.VarOf(id), f.element(o, f.m.Info().TypeOf(n.Value)))
			}
			if v := f.m.VarOf(n.X); v != nil && f.params[v] {
				f.add(f.m.VarOf(id), Origin{param: v, pointer: true, typ: f.m.Info().TypeOf(n.Value)})
			}
		}
	case *ast.CallExpr:
		if f.m.IsBuiltin(n, "delete") || f.m.IsBuiltin(n, "clear") {
			for _, o := range f.eval(n.Args[0]) {
				f.popped[o.param] = append(f.popped[o.param], o.path)
			}
		}
		if to, from := copyInto(f.m, n); to != nil {
			if root := f.m.RootVar(to); f.inside(root) {
				f.filled[root] = f.copied(from)
			}
		}
	}
}

func (f *Values) assign(lhs, rhs ast.Expr) {
	values := f.eval(rhs)
	if id, ok := ast.Unparen(lhs).(*ast.Ident); ok {
		v := f.m.VarOf(id)
		if v == nil || f.params[v] {
			return
		}
		if !f.inside(v) {
			return
		}
		if len(values) == 0 {
			f.mixed[v] = true
		}
		for _, o := range values {
			f.add(v, o)
		}
		return
	}
	root := f.m.RootVar(lhs)
	if f.inside(root) && len(f.locals[root]) == 0 {
		// A part of a local value gets something of the data.
		for _, o := range values {
			f.add(root, o)
		}
		return
	}
	if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && f.inside(root) && len(values) == 0 {
		if s := f.m.Info().Selections[sel]; s != nil && model.StructOf(root.Type()) != nil && f.m.VarOf(sel.X) == root {
			if _, isPointer := root.Type().Underlying().(*types.Pointer); !isPointer {
				if f.fixed[root] == nil {
					f.fixed[root] = make(map[string]bool)
				}
				f.fixed[root][model.FieldPath(s)] = true
				return
			}
		}
	}
	for _, to := range f.eval(lhs) {
		if to.pointer {
			continue
		}
		if !f.grows(rhs) {
			f.popped[to.param] = append(f.popped[to.param], to.path)
		}
		if !slices.ContainsFunc(values, func(o Origin) bool { return o.param == to.param && under(o.path, to.path) }) {
			f.moved[to.param] = append(f.moved[to.param], to.path)
		}
	}
}

// copyInto returns where a call copies the elements of what, or nil.
func copyInto(m *Memory, n *ast.CallExpr) (to, from ast.Expr) {
	if len(n.Args) == 2 && (m.IsBuiltin(n, "copy") || api.IsFunc(api.Callee(m.Info(), n), "maps", "Copy", "Insert")) {
		return n.Args[0], n.Args[1]
	}
	return nil, nil
}

// grows reports whether rhs is append(x, ...) with the whole of x.
func (f *Values) grows(rhs ast.Expr) bool {
	expr, ok := ast.Unparen(rhs).(*ast.CallExpr)
	if !ok || !f.m.IsBuiltin(expr, "append") {
		return false
	}
	_, part := ast.Unparen(expr.Args[0]).(*ast.SliceExpr)
	return !part
}

// under reports whether a path is prefix or goes on from there.
func under(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], ".[*"))
}

func (f *Values) add(v *types.Var, o Origin) {
	if v == nil {
		return
	}
	for _, old := range f.locals[v] {
		if old.param == o.param && old.path == o.path && old.pointer == o.pointer {
			return
		}
	}
	f.locals[v] = append(f.locals[v], o)
}

// Gone reports whether the function has removed the value from the data, so that it may
// leave the job.
func (f *Values) Gone(o Origin) bool {
	for _, path := range f.moved[o.param] {
		if under(o.path, path) && (!o.pointer || strings.Contains(o.path[len(path):], "[]")) {
			return true
		}
	}
	for _, path := range f.popped[o.param] {
		if slices.Contains(o.from, path) {
			return true
		}
	}
	return false
}
