package desyncvet

import (
	"go/ast"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A wrapped is what the writers and handlers of the adapters call in their jobs:
// such an object is held by the code below, as a Desync is by its jobs.
type wrapped struct {
	literals map[*ast.FuncLit]ref
	methods  map[*types.Func]string // the field of the receiver that is the writer
}

// collectWrapped looks for w = writer.New(to, ...), the functions in to, and its
// method Write if w is a field of to, and the same for a slog.Handler.
func (m *model) collectWrapped() wrapped {
	w := wrapped{make(map[*ast.FuncLit]ref), make(map[*types.Func]string)}
	note := func(lhs, rhs ast.Expr) {
		expr, ok := ast.Unparen(rhs).(*ast.CallExpr)
		if !ok || len(expr.Args) == 0 {
			return
		}
		method := ""
		switch fn := api.Callee(m.info(), expr); {
		case api.IsFunc(fn, api.Adapters+"writer", "New"):
			method = "Write"
		case api.IsFunc(fn, api.Adapters+"asyncslog", "New"):
			method = "Handle"
		default:
			return
		}
		object := m.ref(lhs)
		if id, ok := lhs.(*ast.Ident); ok {
			if v := m.varOf(id); v != nil && m.vars.stable(v) {
				object = ref{root: v}
			}
		}
		if !object.known() {
			return
		}
		ast.Inspect(expr.Args[0], func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				w.literals[lit] = object
			}
			return true
		})
		to := m.ref(expr.Args[0])
		if to.root != object.root || to.path != "" {
			return
		}
		obj, _, _ := types.LookupFieldOrMethod(to.root.Type(), true, m.pass.Pkg, method)
		if fn, ok := obj.(*types.Func); ok && m.decls[fn.Origin()] != nil {
			w.methods[fn.Origin()] = object.path
		}
	}
	for n := range m.in.PreorderSeq((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) == len(n.Rhs) {
				for i := range n.Lhs {
					note(n.Lhs[i], n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			if len(n.Names) == len(n.Values) {
				for i := range n.Names {
					note(n.Names[i], n.Values[i])
				}
			}
		}
	}
	return w
}

// declFrame returns the frame of a declared function.
func (m *model) declFrame(decl *ast.FuncDecl) frame {
	f := frame{thread: decl}
	fn, _ := m.info().Defs[decl.Name].(*types.Func)
	if path, ok := m.wrapped.methods[fn]; ok {
		f = f.holding([]ref{{root: fn.Signature().Recv(), path: path}}, nil)
	}
	return f
}

// wrappedWaits returns the writer or handler whose jobs a call waits for.
func (m *model) wrappedWaits(expr *ast.CallExpr) (r ref, ends, ok bool) {
	fn := api.Callee(m.info(), expr)
	if !api.IsFunc(fn, api.Adapters+"writer", "Writer.Write", "Writer.Flush", "Writer.Close") && !api.IsFunc(fn, api.Adapters+"asyncslog", "Handler.Flush") {
		return ref{}, false, false
	}
	sel := api.Receiver(m.info(), expr)
	if sel == nil {
		return ref{}, false, false
	}
	ends = fn.Name() == "Flush" && len(expr.Args) > 0 && !m.neverEnds(expr.Args[0])
	return m.ref(sel.X), ends, true
}
