package desyncvet

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
)

const droppedDoc = `find results that must not be dropped

The check reports:

A future that nobody awaits. The job runs all the same, but nobody learns of its
result, its error or its panic. Use Async if there is nothing to learn, or write
_ = to say that this is meant; in tests it is taken to be meant. Futures that are put in a slice which nobody reads
are found too. After is left out: its job gets the error itself.

A resume function that is not called. After Suspend nothing queued later runs, on
any path, until resume is called:

	resume := d.Suspend()
	if err := prepare(); err != nil {
		return err // the object is held for ever
	}
	resume()

Use defer, as in defer resume(), or defer d.Suspend()(). Handing the function to
somebody else counts as calling it.

An error that says whether the job has run, ignored although the job's result is
used. If the context ended first, SyncContext returns the zero value, and what a
job of DoContext should have written is not there:

	n, _ := d.SyncContext(ctx, get)
	fmt.Println(n)

Calls whose context cannot end, such as context.Background(), are not reported.`

func droppedCheck(factsOf *analysis.Analyzer) *analysis.Analyzer {
	return check("dropped", droppedDoc, factsOf, func(pass *analysis.Pass, m *facts, report reporter) {
		graphs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
		for c := range m.in.Root().Preorder((*ast.CallExpr)(nil)) {
			expr := c.Node().(*ast.CallExpr)
			fn := api.Callee(m.info(), expr)
			switch {
			case api.IsFunc(fn, api.DesyncPath, "Desync.Suspend"):
				m.checkResume(c, expr, graphs, report)
			case api.IsFunc(fn, api.DesyncPath, "Desync.Future", "Desync.FutureContext", "Map.Future", "Map.FutureContext"),
				api.IsFunc(fn, api.FuturesPath, "Go", "Future.Then"):
				m.checkFuture(c, expr, fn, report)
			case api.IsFunc(fn, api.DesyncPath, "Desync.SyncContext", "Map.SyncContext", "Desync.DoContext", "Map.DoContext"),
				api.IsFunc(fn, api.FuturesPath, "Future.Await"):
				m.checkNotRun(c, expr, fn, report)
			}
		}
	}, ctrlflow.Analyzer)
}

// discarded reports whether a call is a statement of its own.
func discarded(c inspector.Cursor) bool {
	kind, _ := c.ParentEdge()
	return kind == edge.ExprStmt_X || kind == edge.GoStmt_Call || kind == edge.DeferStmt_Call
}

func (m *facts) checkFuture(c inspector.Cursor, expr *ast.CallExpr, fn *types.Func, report reporter) {
	if discarded(c) {
		if m.inTest(expr) {
			return // which job is handed over how may be all that matters
		}
		message := "nobody awaits the future that %s returns: its result and its panic are lost"
		if fn.Name() != "Future" {
			message = "nobody awaits the future that %s returns: its error and its panic are lost"
		}
		report(analysis.Diagnostic{Pos: expr.Pos(), End: expr.End(), Message: fmt.Sprintf(message, fn.Name())})
		return
	}
	// fs = append(fs, d.Future(job)), where that is all that is done with fs.
	if kind, i := c.ParentEdge(); kind == edge.CallExpr_Args && i > 0 {
		p := c.Parent()
		kind, _ := p.ParentEdge()
		appended, ok := p.Node().(*ast.CallExpr)
		if !ok || kind != edge.AssignStmt_Rhs || !m.isBuiltin(appended, "append") {
			return
		}
		if v := m.varOf(appended.Args[0]); v != nil && isLocal(v) && !m.vars[v].param && !m.read(v) {
			report(analysis.Diagnostic{
				Pos: expr.Pos(), End: expr.End(),
				Message: fmt.Sprintf("nobody awaits the futures in %s: their results and panics are lost", v.Name()),
			})
		}
	}
}

func (m *model) isBuiltin(expr *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(expr.Fun).(*ast.Ident)
	if !ok || id.Name != name {
		return false
	}
	_, ok = m.info().Uses[id].(*types.Builtin)
	return ok
}

// read reports whether anything but v = append(v, ...) uses v.
func (m *model) read(v *types.Var) bool {
	for c := range m.in.Root().Preorder((*ast.Ident)(nil)) {
		if m.info().Uses[c.Node().(*ast.Ident)] != v {
			continue
		}
		kind, i := c.ParentEdge()
		switch {
		case kind == edge.AssignStmt_Lhs:
		case kind == edge.CallExpr_Args && i == 0 && m.isBuiltin(c.Parent().Node().(*ast.CallExpr), "append"):
			up := c.Parent()
			if k, j := up.ParentEdge(); k != edge.AssignStmt_Rhs || m.varOf(up.Parent().Node().(*ast.AssignStmt).Lhs[j]) != v {
				return true
			}
		default:
			return true
		}
	}
	return false
}

func (m *facts) checkNotRun(c inspector.Cursor, expr *ast.CallExpr, fn *types.Func, report reporter) {
	if len(expr.Args) == 0 || m.neverEnds(expr.Args[0]) {
		return
	}
	kind, _ := c.ParentEdge()
	switch fn.Name() {
	case "Await":
		sel := api.Receiver(m.info(), expr)
		if sel == nil || !m.isFutureContext(sel.X, nil) {
			return
		}
		fallthrough
	case "SyncContext":
		if kind != edge.AssignStmt_Rhs {
			return
		}
		stmt := c.Parent().Node().(*ast.AssignStmt)
		if len(stmt.Lhs) != 2 || !isBlank(stmt.Lhs[1]) || isBlank(stmt.Lhs[0]) {
			return
		}
		report(analysis.Diagnostic{
			Pos: stmt.Lhs[1].Pos(), End: stmt.Lhs[1].End(),
			Message: fmt.Sprintf("the error of %s says whether the job has run, and %s is used without it", fn.Name(), types.ExprString(stmt.Lhs[0])),
		})
	case "DoContext":
		if kind != edge.ExprStmt_X {
			return
		}
		call := m.calls[expr]
		lit := m.literal(call.Arg(call.Job))
		if lit == nil {
			return
		}
		if v := m.writtenAndRead(lit, expr); v != nil {
			report(analysis.Diagnostic{
				Pos: expr.Pos(), End: expr.End(),
				Message: fmt.Sprintf("the error of DoContext says whether the job has run, and %s, which the job writes, is used without it", v.Name()),
			})
		}
	}
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// neverEnds reports whether e is a context that certainly does not end.
func (m *model) neverEnds(e ast.Expr) bool { return m.neverEndsOf(e, nil) }

func (m *model) neverEndsOf(e ast.Expr, t *trail) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		fn := api.Callee(m.info(), e)
		return api.IsFunc(fn, "context", "Background", "TODO", "WithoutCancel") ||
			fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "testing" && fn.Name() == "Context"
	case *ast.Ident:
		init, t := m.only(e, t)
		return init != nil && m.neverEndsOf(init, t)
	}
	return false
}

// isFutureContext reports whether e is a future of FutureContext with a context
// that can end.
func (m *facts) isFutureContext(e ast.Expr, t *trail) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		init, t := m.only(e, t)
		return init != nil && m.isFutureContext(init, t)
	case *ast.CallExpr:
		c := m.calls[e]
		return c != nil && c.Name == "FutureContext" && !m.neverEnds(c.Arg(c.Ctx))
	}
	return false
}

// writtenAndRead returns a local variable that the job of a call writes, if the
// function reads it after the call without anything that could tell it whether
// the job has run.
func (m *model) writtenAndRead(lit *ast.FuncLit, expr *ast.CallExpr) *types.Var {
	decl := m.owner[expr]
	if decl == nil {
		return nil
	}
	written := make(map[*types.Var]bool)
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && s.Tok != token.DEFINE {
			for _, lhs := range s.Lhs {
				if v := m.varOf(lhs); v != nil && isLocal(v) && (v.Pos() < lit.Pos() || v.Pos() > lit.End()) {
					b, ok := v.Type().Underlying().(*types.Basic)
					if _, isError := v.Type().Underlying().(*types.Interface); !isError && (!ok || b.Info()&types.IsBoolean == 0) {
						written[v] = true // a boolean may be what tells
					}
				}
			}
		}
		return true
	})
	var read *types.Var
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() > expr.End() && read == nil {
			if v, ok := m.info().Uses[id].(*types.Var); ok && written[v] {
				read = v
			}
		}
		return true
	})
	return read
}
