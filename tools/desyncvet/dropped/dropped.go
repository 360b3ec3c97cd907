// Package dropped has the check dropped, which finds results that must not be dropped.
// Run desyncvet help dropped for its documentation.
package dropped

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find results that must not be dropped

The check reports:

A future that nobody awaits. The job runs all the same, but nobody learns of its
result, its error or its panic. Use Async if there is nothing to learn, or write
_ = to say that this is intended; in tests it is not reported. Futures in a slice
that nobody reads are found too. After is left out: its job gets the error itself.

A resume function that is not called. After Suspend nothing queued later runs, on
any path, until resume is called:

	resume := d.Suspend()
	if err := prepare(); err != nil {
		return err // the object is held forever
	}
	resume()

Use defer: defer resume(), or defer d.Suspend()(). Passing the function on counts
as calling it.

An ignored error that says whether the job has run, if the job's result is used.
If the context ended first, SyncContext returns the zero value, and a job of
DoContext has not written its variables:

	n, _ := d.SyncContext(ctx, get)
	fmt.Println(n)

Calls whose context cannot end, such as context.Background(), are not reported.`

// Analyzer is the check.
var Analyzer = check.New("dropped", doc, func(pass *analysis.Pass, m *model.Facts, report check.Reporter) {
	graphs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	for c := range m.In.Root().Preorder((*ast.CallExpr)(nil)) {
		expr := c.Node().(*ast.CallExpr)
		fn := api.Callee(m.Info(), expr)
		switch {
		case api.IsFunc(fn, api.DesyncPath, "Desync.Suspend", "Key.Suspend", "Object.Suspend"):
			checkResume(m, c, expr, graphs, report)
		case api.IsFunc(fn, api.DesyncPath, "Desync.Future", "Desync.FutureContext", "Key.Future", "Key.FutureContext", "Future2", "FutureAll"),
			api.IsFunc(fn, api.FuturesPath, "Go", "Future.Then"):
			checkFuture(m, c, expr, fn, report)
		case api.IsFunc(fn, api.DesyncPath, "Desync.SyncContext", "Key.SyncContext", "Desync.DoContext", "Key.DoContext", "Object.DoContext", "Sync2Context", "DoAllContext"),
			api.IsFunc(fn, api.FuturesPath, "Future.Await"):
			checkNotRun(m, c, expr, fn, report)
		}
	}
}, ctrlflow.Analyzer)

// discarded reports whether a call is a statement of its own.
func discarded(c inspector.Cursor) bool {
	kind, _ := c.ParentEdge()
	return kind == edge.ExprStmt_X || kind == edge.GoStmt_Call || kind == edge.DeferStmt_Call
}

func checkFuture(m *model.Facts, c inspector.Cursor, expr *ast.CallExpr, fn *types.Func, report check.Reporter) {
	if discarded(c) {
		if m.InTest(expr) {
			return // the test may only be about the call
		}
		message := "nobody awaits the future that %s returns: its result and its panic are lost"
		if name := fn.Name(); name != "Future" && name != "Future2" && name != "FutureAll" {
			message = "nobody awaits the future that %s returns: its error and its panic are lost"
		}
		report(analysis.Diagnostic{Pos: expr.Pos(), End: expr.End(), Message: fmt.Sprintf(message, fn.Name())})
		return
	}
	// fs = append(fs, d.Future(job)), if that is the only use of fs.
	if kind, i := c.ParentEdge(); kind == edge.CallExpr_Args && i > 0 {
		p := c.Parent()
		kind, _ := p.ParentEdge()
		appended, ok := p.Node().(*ast.CallExpr)
		if !ok || kind != edge.AssignStmt_Rhs || !m.IsBuiltin(appended, "append") {
			return
		}
		if v := m.VarOf(appended.Args[0]); v != nil && model.IsLocal(v) && !m.Vars[v].Param && !read(m, v) {
			report(analysis.Diagnostic{
				Pos: expr.Pos(), End: expr.End(),
				Message: fmt.Sprintf("nobody awaits the futures in %s: their results and panics are lost", v.Name()),
			})
		}
	}
}

// read reports whether anything but v = append(v, ...) uses v.
func read(m *model.Facts, v *types.Var) bool {
	for c := range m.In.Root().Preorder((*ast.Ident)(nil)) {
		if m.Info().Uses[c.Node().(*ast.Ident)] != v {
			continue
		}
		kind, i := c.ParentEdge()
		switch {
		case kind == edge.AssignStmt_Lhs:
		case kind == edge.CallExpr_Args && i == 0 && m.IsBuiltin(c.Parent().Node().(*ast.CallExpr), "append"):
			up := c.Parent()
			if k, j := up.ParentEdge(); k != edge.AssignStmt_Rhs || m.VarOf(up.Parent().Node().(*ast.AssignStmt).Lhs[j]) != v {
				return true
			}
		default:
			return true
		}
	}
	return false
}

func checkNotRun(m *model.Facts, c inspector.Cursor, expr *ast.CallExpr, fn *types.Func, report check.Reporter) {
	if len(expr.Args) == 0 || m.NeverEnds(expr.Args[0]) {
		return
	}
	kind, _ := c.ParentEdge()
	switch fn.Name() {
	case "Await":
		sel := api.Receiver(m.Info(), expr)
		if sel == nil || !isFutureContext(m, sel.X, nil) {
			return
		}
		fallthrough
	case "SyncContext", "Sync2Context":
		if kind != edge.AssignStmt_Rhs {
			return
		}
		stmt := c.Parent().Node().(*ast.AssignStmt)
		if len(stmt.Lhs) != 2 || !model.IsBlank(stmt.Lhs[1]) || model.IsBlank(stmt.Lhs[0]) {
			return
		}
		report(analysis.Diagnostic{
			Pos: stmt.Lhs[1].Pos(), End: stmt.Lhs[1].End(),
			Message: fmt.Sprintf("the error of %s says whether the job has run, and %s is used without it", fn.Name(), types.ExprString(stmt.Lhs[0])),
		})
	case "DoContext", "DoAllContext":
		if kind != edge.ExprStmt_X {
			return
		}
		call := m.Calls[expr]
		lit := m.Literal(call.Arg(call.Job))
		if lit == nil {
			return
		}
		if v := writtenAndRead(m, lit, expr); v != nil {
			report(analysis.Diagnostic{
				Pos: expr.Pos(), End: expr.End(),
				Message: fmt.Sprintf("the error of %s says whether the job has run, and %s, which the job writes, is used without it", fn.Name(), v.Name()),
			})
		}
	}
}

// isFutureContext reports whether e is a future of FutureContext with a context
// that can end.
func isFutureContext(m *model.Facts, e ast.Expr, t *model.Trail) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		init, t := m.Only(e, t)
		return init != nil && isFutureContext(m, init, t)
	case *ast.CallExpr:
		c := m.Calls[e]
		return c != nil && c.Name == "FutureContext" && !m.NeverEnds(c.Arg(c.Ctx))
	}
	return false
}

// writtenAndRead returns a local variable that the job of a call writes, if the
// function reads it after the call and nothing tells the function whether the job has
// run.
func writtenAndRead(m *model.Facts, lit *ast.FuncLit, expr *ast.CallExpr) *types.Var {
	decl := m.Owner[expr]
	if decl == nil {
		return nil
	}
	written := make(map[*types.Var]bool)
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && s.Tok != token.DEFINE {
			for _, lhs := range s.Lhs {
				if v := m.VarOf(lhs); v != nil && model.IsLocal(v) && (v.Pos() < lit.Pos() || v.Pos() > lit.End()) {
					b, ok := v.Type().Underlying().(*types.Basic)
					if _, isError := v.Type().Underlying().(*types.Interface); !isError && (!ok || b.Info()&types.IsBoolean == 0) {
						written[v] = true // but a boolean may say whether the job has run
					}
				}
			}
		}
		return true
	})
	var read *types.Var
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() > expr.End() && read == nil {
			if v, ok := m.Info().Uses[id].(*types.Var); ok && written[v] {
				read = v
			}
		}
		return true
	})
	return read
}
