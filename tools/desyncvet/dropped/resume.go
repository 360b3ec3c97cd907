package dropped

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

func checkResume(m *model.Facts, c inspector.Cursor, expr *ast.CallExpr, graphs *ctrlflow.CFGs, report check.Reporter) {
	kind, i := c.ParentEdge()
	switch kind {
	case edge.DeferStmt_Call:
		report(analysis.Diagnostic{
			Pos: expr.Pos(), End: expr.End(),
			Message: "the deferred Suspend holds the object when the function ends, and nobody resumes it",
			SuggestedFixes: []analysis.SuggestedFix{{
				Message:   "Suspend now and resume when the function ends",
				TextEdits: []analysis.TextEdit{{Pos: expr.End(), End: expr.End(), NewText: []byte("()")}},
			}},
		})
	case edge.ExprStmt_X, edge.GoStmt_Call:
		report(analysis.Diagnostic{Pos: expr.Pos(), End: expr.End(), Message: "nobody can resume the object: what Suspend returns is dropped"})
	case edge.AssignStmt_Rhs:
		lhs := c.Parent().Node().(*ast.AssignStmt).Lhs[i]
		id, ok := lhs.(*ast.Ident)
		if !ok {
			return
		}
		if id.Name == "_" && m.InTest(expr) {
			return // the test may be about an object that stays held
		}
		if id.Name == "_" {
			report(analysis.Diagnostic{Pos: expr.Pos(), End: expr.End(), Message: "nobody can resume the object: what Suspend returns is dropped"})
			return
		}
		if v := m.VarOf(id); v != nil && model.IsLocal(v) {
			checkResumed(m, c, v, graphs, report)
		}
	}
}

// checkResumed reports a path to the end of the function on which the resume
// function in v is not used.
func checkResumed(m *model.Facts, c inspector.Cursor, v *types.Var, graphs *ctrlflow.CFGs, report check.Reporter) {
	stmt := c.Parent().Node()
	var body *ast.BlockStmt
	var graph *cfg.CFG
	for e := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		switch fn := e.Node().(type) {
		case *ast.FuncDecl:
			body, graph = fn.Body, graphs.FuncDecl(fn)
		case *ast.FuncLit:
			body, graph = fn.Body, graphs.FuncLit(fn)
		}
		break
	}
	if body == nil || v.Pos() < body.Pos() || v.Pos() > body.End() {
		return // a variable of another function, which may use it
	}
	var from *cfg.Block
	at := 0
	for _, b := range graph.Blocks {
		for i, n := range b.Nodes {
			if n == stmt {
				from, at = b, i+1
			}
		}
	}
	if from == nil {
		return
	}
	seen := make(map[*cfg.Block]bool)
	var lost func(b *cfg.Block, nodes []ast.Node) *ast.ReturnStmt
	lost = func(b *cfg.Block, nodes []ast.Node) *ast.ReturnStmt {
		for _, n := range nodes {
			if m.NamesVar(n, v) || n == stmt {
				return nil
			}
		}
		if r := b.Return(); r != nil {
			return r
		}
		for _, next := range b.Succs {
			if !seen[next] {
				seen[next] = true
				if usedInLoop(m, next.Stmt, stmt, v) {
					continue
				}
				if r := lost(next, next.Nodes); r != nil {
					return r
				}
			}
		}
		return nil
	}
	if r := lost(from, from.Nodes[at:]); r != nil {
		line := m.Pass.Fset.Position(r.Pos()).Line
		report(analysis.Diagnostic{
			Pos: stmt.Pos(), End: stmt.End(),
			Message: fmt.Sprintf("%s is not called on all paths: the object stays held after the return in line %d", v.Name(), line),
		})
	}
}

// usedInLoop reports whether s is a loop that uses v, and v was declared before
// the loop. The loop may have no round at all, but that is no reason for a
// report.
func usedInLoop(m *model.Facts, s ast.Stmt, declared ast.Node, v *types.Var) bool {
	switch s.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return (declared.End() <= s.Pos() || s.End() <= declared.Pos()) && m.NamesVar(s, v)
	}
	return false
}
