package model

import (
	"go/ast"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// wrapped has the code that the writers and handlers of the adapters call in
// their jobs. This code holds the writer or handler, as a job holds its object.
type wrapped struct {
	literals map[*ast.FuncLit]Ref
	methods  map[*types.Func]string // the field of the receiver that is the writer
}

// collectWrapped looks for w = writer.New(to, ...), the functions in to, and its
// method Write if w is a field of to, and the same for a slog.Handler.
func (m *Model) collectWrapped() wrapped {
	w := wrapped{make(map[*ast.FuncLit]Ref), make(map[*types.Func]string)}
	note := func(lhs, rhs ast.Expr) {
		expr, ok := ast.Unparen(rhs).(*ast.CallExpr)
		if !ok || len(expr.Args) == 0 {
			return
		}
		var method string
		switch fn := api.Callee(m.Info(), expr); {
		case api.IsFunc(fn, api.Adapters+"writer", "New"):
			method = "Write"
		case api.IsFunc(fn, api.Adapters+"asyncslog", "New"):
			method = "Handle"
		default:
			return
		}
		object := m.Ref(lhs)
		if id, ok := lhs.(*ast.Ident); ok {
			if v := m.VarOf(id); v != nil && m.Vars.Stable(v) {
				object = Ref{Root: v}
			}
		}
		if !object.Known() {
			return
		}
		ast.Inspect(expr.Args[0], func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				w.literals[lit] = object
			}
			return true
		})
		to := m.Ref(expr.Args[0])
		if to.Root != object.Root || to.Path != "" {
			return
		}
		obj, _, _ := types.LookupFieldOrMethod(to.Root.Type(), true, m.Pass.Pkg, method)
		if fn, ok := obj.(*types.Func); ok && m.Decls[fn.Origin()] != nil {
			w.methods[fn.Origin()] = object.Path
		}
	}
	for n := range m.In.PreorderSeq((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)) {
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
func (m *Model) declFrame(decl *ast.FuncDecl) Frame {
	f := Frame{Thread: decl}
	fn, _ := m.Info().Defs[decl.Name].(*types.Func)
	if path, ok := m.wrapped.methods[fn]; ok {
		f = f.Holding([]Ref{{Root: fn.Signature().Recv(), Path: path}}, nil)
	}
	return f
}

// wrappedWaits returns the writer or handler whose jobs a call waits for.
func (m *Model) wrappedWaits(expr *ast.CallExpr) (r Ref, ends, ok bool) {
	fn := api.Callee(m.Info(), expr)
	if !api.IsFunc(fn, api.Adapters+"writer", "Writer.Write", "Writer.Flush", "Writer.Close") && !api.IsFunc(fn, api.Adapters+"asyncslog", "Handler.Flush") {
		return Ref{}, false, false
	}
	sel := api.Receiver(m.Info(), expr)
	if sel == nil {
		return Ref{}, false, false
	}
	ends = fn.Name() == "Flush" && len(expr.Args) > 0 && !m.NeverEnds(expr.Args[0])
	return m.Ref(sel.X), ends, true
}
