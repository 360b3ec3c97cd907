package desyncvet

import (
	"go/ast"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/flow"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// waitsIn reports whether a loop waits for something after each job.
func waitsIn(m *model.Facts, loop *ast.BlockStmt, h *flow.Handover) bool {
	found := false
	m.Inline(loop, model.Frame{}, func(n ast.Node, _ model.Frame) {
		if n != ast.Node(h.Call.Expr) {
			if c, ok := n.(*ast.CallExpr); !ok || m.Calls[c] == nil || m.Calls[c].Mode != api.Background {
				found = found || m.PauseOf(n) != api.PauseNever
			}
		}
	})
	return found
}
