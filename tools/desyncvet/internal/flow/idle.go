package flow

import (
	"go/ast"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// idle reports whether an object certainly becomes free soon: it is a variable of
// a package or function, or a field of one, and all its jobs wait for nothing.
func idle(m *model.Facts, r model.Ref) bool {
	if !r.Known() || r.Path != "" || m.Vars[r.Root].Param || r.Root.Exported() && !model.IsLocal(r.Root) {
		return false
	}
	for c := range m.In.Root().Preorder((*ast.Ident)(nil)) {
		if m.Info().Uses[c.Node().(*ast.Ident)] == r.Root && !idleUse(m, c) {
			return false
		}
	}
	return true
}

// idleUse reports whether a use of an object hands over a job that waits for
// nothing.
func idleUse(m *model.Facts, use inspector.Cursor) bool {
	sel, ok := use.Parent().Node().(*ast.SelectorExpr)
	if !ok {
		return false
	}
	expr, ok := use.Parent().Parent().Node().(*ast.CallExpr)
	if !ok || ast.Unparen(expr.Fun) != sel {
		return false
	}
	c := m.Calls[expr]
	if c == nil || c.Job < 0 || c.All || c.Name == "After" {
		return false
	}
	if lit := m.Literal(c.Arg(c.Job)); lit != nil {
		return !m.Synchronizes(lit)
	}
	fn := m.Function(c.Arg(c.Job))
	return fn != nil && m.Summary(fn).Pause == api.PauseNever
}
