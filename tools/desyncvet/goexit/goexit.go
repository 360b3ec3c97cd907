// Package goexit has the check goexit, which finds background jobs that end their
// goroutine. Run desyncvet help goexit for its documentation.
package goexit

import (
	"fmt"
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find background jobs that end their goroutine

The check reports a call of runtime.Goexit in a job of Async, Future,
FutureContext, After or group.Go. The methods Fatal, FailNow and Skip of package
testing call it, and so do functions such as those of testify's require. Functions
of your own that call one of them are found too, in other packages as well.

	d.Async(func(n *int) {
		if *n != 1 {
			t.Fatal("want 1") // ends whatever goroutine runs the job
		}
	})

A background job runs on a goroutine of the object, or on that of a Do or Sync
that has to wait for it. Goexit ends that goroutine too, and the test goes on as
if nothing had failed, or hangs. Use t.Error and return, or check the result of
Sync in the test. In a job of Do, Sync and the Try calls, Goexit ends the caller's
own goroutine, which is allowed.

Functions that look at futures.ErrGoexit do this on purpose and are not reported.`

// Analyzer is the check.
var Analyzer = check.New("goexit", doc, func(_ *analysis.Pass, m *model.Facts, report check.Reporter) {
	m.Walk(func(n ast.Node, f model.Frame) {
		if what := m.Goexit(n); what != "" && f.Job != nil && !m.Mentions(f.Job.Expr, api.FuturesPath, "ErrGoexit") {
			report(analysis.Diagnostic{
				Pos: n.Pos(), End: n.End(),
				Message:        fmt.Sprintf("%s in a job of %s ends the goroutine that happens to run the job", what, f.Job),
				SuggestedFixes: errorInstead(m, n.(*ast.CallExpr), f.Job),
			})
		}
		if expr, ok := n.(*ast.CallExpr); ok {
			c := m.Calls[expr]
			if c == nil || c.Mode != api.Background && f.Job == nil || c.Job < 0 {
				return
			}
			if fn := m.Function(c.Arg(c.Job)); fn != nil && m.Summary(fn).Goexit != "" && !m.Mentions(expr, api.FuturesPath, "ErrGoexit") {
				report(analysis.Diagnostic{
					Pos: c.Arg(c.Job).Pos(), End: c.Arg(c.Job).End(),
					Message: fmt.Sprintf("%s, which calls %s, as a job of %s ends the goroutine that happens to run the job", fn.Name(), m.Summary(fn).Goexit, c),
				})
			}
		}
	})
})

// errorInstead returns the fix for a t.Fatal that is a statement of an Async job
// itself, where it can only mean to fail and leave the job.
func errorInstead(m *model.Facts, expr *ast.CallExpr, job *api.Call) []analysis.SuggestedFix {
	sel, ok := expr.Fun.(*ast.SelectorExpr)
	lit := m.Literal(job.Arg(job.Job))
	if !ok || lit == nil || job.Name != "Async" {
		return nil
	}
	var name string
	switch sel.Sel.Name {
	case "Fatal":
		name = "Error"
	case "Fatalf":
		name = "Errorf"
	default:
		return nil
	}
	if fn := api.Callee(m.Info(), expr); fn.Pkg().Path() != "testing" {
		return nil
	}
	for stmt, last := range statements(lit.Body) {
		if s, ok := stmt.(*ast.ExprStmt); !ok || s.X != expr {
			continue
		}
		edits := []analysis.TextEdit{{Pos: sel.Sel.Pos(), End: sel.Sel.End(), NewText: []byte(name)}}
		if !last {
			edits = append(edits, analysis.TextEdit{Pos: expr.End(), End: expr.End(), NewText: []byte("\n\treturn")})
		}
		return []analysis.SuggestedFix{{Message: "Call " + name + " and return", TextEdits: edits}}
	}
	return nil
}

// statements yields the statements of a function, without those of function
// literals in it, and whether each is the last statement of the function.
func statements(body *ast.BlockStmt) func(func(ast.Stmt, bool) bool) {
	return func(yield func(ast.Stmt, bool) bool) {
		more := true
		ast.Inspect(body, func(n ast.Node) bool {
			if _, ok := n.(*ast.FuncLit); ok || !more {
				return false
			}
			if s, ok := n.(ast.Stmt); ok && s != body {
				more = yield(s, s == body.List[len(body.List)-1])
			}
			return more
		})
	}
}
