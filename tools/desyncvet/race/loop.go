package race

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
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

// leavesAfter reports whether the loop ends when it has handed the job over.
func leavesAfter(loop *ast.BlockStmt, h *flow.Handover) bool {
	leaves := false
	ast.Inspect(loop, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		if len(list) > 0 && n.Pos() <= h.Lit.Pos() && h.Lit.End() <= n.End() {
			switch last := list[len(list)-1].(type) {
			case *ast.ReturnStmt:
				leaves = true
			case *ast.BranchStmt:
				leaves = leaves || last.Tok == token.BREAK || last.Tok == token.GOTO
			}
		}
		return true
	})
	return leaves
}

// dependsOn reports whether v is the object, or selects it as an index or as the key of
// a Map.
func dependsOn(object model.Ref, v *types.Var) bool {
	key := model.VarKey(v)
	return object.Root == v || object.Key == key || strings.Contains(object.Path, "["+key+"]")
}

// checkLoopRace reports a variable, a map or an element that a job handed over in a
// loop writes, when the loop takes another object each time.
func checkLoopRace(m *model.Facts, body *ast.BlockStmt, h *flow.Handover, report check.Reporter) {
	if !h.Object.Known() || m.Synchronizes(h.Lit) || flow.OneAtATime(m, body, h) {
		return
	}
	loop := flow.Around(body, h.Lit)
	if loop == nil {
		return
	}
	varies := false
	for _, id := range loop.Vars {
		v := m.VarOf(id)
		varies = varies || v != nil && dependsOn(h.Object, v)
	}
	if !varies || waitsIn(m, loop.Body, h) || leavesAfter(loop.Body, h) {
		return
	}
	for _, w := range h.Writes {
		if !flow.OwnIndex(body, w.Part, h.Lit) && (w.V.Pos() < loop.Pos() || w.V.Pos() > loop.End()) {
			report(analysis.Diagnostic{
				Pos: w.At.Pos(), End: w.At.End(),
				Message: fmt.Sprintf("jobs of several objects, which run at the same time, all write %s", w.V.Name()),
			})
		}
	}
}
