// Package selfwait has the check selfwait, which finds jobs that wait for their own
// object. Run desyncvet help selfwait for its documentation.
package selfwait

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find jobs that wait for their own object

The check reports Do, Sync, Sync2, DoAll and their variants in a job of the same
object, and a wait for a future whose job was queued behind the
waiting job. The object is not free before the job has ended, so the job never
ends.

	d.Do(func(n *int) {
		total = d.Sync(func(n *int) int { return *n }) // waits forever
	})

The check follows functions that wait, also methods and functions of other
packages, and functions that return a future. For a Map, the keys must be the
same; Range and Wait wait for every key.

It knows the adapters. It reports a wait for a group in one of its jobs, or in a
job that has handed the group another job of the same object; a loop over the
results of a stage of a pipe, or an Await of the future of pipe.In, in a job of
its object; and a Flush or Close of a writer or a slog handler in the sink that
it writes to.

It also reports a wait for an object that the same function holds by Suspend and
can only resume later, unless a context may end the wait.

Use the pointer that the job was given, or queue the inner job with Async.

Only objects that are certainly the same are reported: the same variable, or the
same field or element of it. Functions that look at a desync.DeadlockError close
rings on purpose and are not reported.`

// Analyzer is the check.
var Analyzer = check.New("selfwait", doc, func(_ *analysis.Pass, m *model.Facts, report check.Reporter) {
	m.Walk(func(n ast.Node, f model.Frame) {
		for _, w := range m.Waits(n) {
			if m.WaitsForSelf(w, f) && !m.RingOnPurpose(n, f) {
				report(analysis.Diagnostic{Pos: n.Pos(), End: model.EndOf(n), Message: selfwaitMessage(m, n, w)})
			}
		}
		if m.InOwnGroup(n, f) {
			report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: "Wait waits for the group in one of its jobs, which it waits for too"})
		}
		if expr, ok := n.(*ast.CallExpr); ok {
			jobWaits(m, expr, report)
		}
	})
	for n := range m.In.PreorderSeq((*ast.BlockStmt)(nil)) {
		waitsSuspended(m, n.(*ast.BlockStmt), report)
	}
})

func selfwaitMessage(m *model.Facts, n ast.Node, w model.Wait) string {
	switch {
	case w.Future != nil && w.Made == nil:
		return fmt.Sprintf("waits for a pipe into %s in a job of %s, behind which the pipe's jobs are queued", w.Ref, w.Ref)
	case w.Made != nil && m.IsGroupGo(w.Made):
		return fmt.Sprintf("waits for a group's job of %s in a job of %s, behind which it is queued", w.Ref, w.Ref)
	case w.Via != "" && w.Future != nil:
		return fmt.Sprintf("%s waits for a future of %s in a job of %s, behind which the future's job is queued", w.Via, w.Ref, w.Ref)
	case w.Via != "":
		return fmt.Sprintf("%s waits for %s in a job of %s, which is not free before the job ends", w.Via, w.Ref, w.Ref)
	case w.Future != nil:
		return fmt.Sprintf("waits for a future of %s in a job of %s, behind which the future's job is queued", w.Ref, w.Ref)
	}
	name := "the receive"
	switch n := n.(type) {
	case *ast.CallExpr:
		name = callName(n)
	case *ast.RangeStmt:
		name = "the loop"
	}
	return fmt.Sprintf("%s waits for %s in a job of %s, which is not free before the job ends", name, w.Ref, w.Ref)
}

func callName(expr *ast.CallExpr) string {
	switch fun := ast.Unparen(expr.Fun).(type) {
	case *ast.SelectorExpr:
		return fun.Sel.Name
	case *ast.IndexExpr:
		return callName(&ast.CallExpr{Fun: fun.X})
	case *ast.IndexListExpr:
		return callName(&ast.CallExpr{Fun: fun.X})
	case *ast.Ident:
		return fun.Name
	}
	return "the call"
}

// jobWaits reports a declared function that is used as a job of an object that it
// waits for: a package variable, or an object of the receiver if the job is a
// method value.
func jobWaits(m *model.Facts, expr *ast.CallExpr, report check.Reporter) {
	c := m.Calls[expr]
	if c == nil || c.Job < 0 {
		return
	}
	fn := m.Function(c.Arg(c.Job))
	if fn == nil {
		return
	}
	for _, p := range m.Summary(fn).Waits {
		var r model.Ref
		if p.Param < 0 {
			r = m.Variable(p.Place)
		} else if sel, ok := ast.Unparen(c.Arg(c.Job)).(*ast.SelectorExpr); ok && p.Param == 0 && fn.Signature().Recv() != nil {
			if s := m.Info().Selections[sel]; s != nil && s.Kind() == types.MethodVal && len(s.Index()) == 1 {
				if r = m.Ref(sel.X); r.Known() {
					r.Path, r.Key = r.Path+p.Path, p.Key
				}
			}
		}
		for _, held := range m.Held(c) {
			if r.Known() && r.WaitsFor(held) {
				report(analysis.Diagnostic{
					Pos: c.Arg(c.Job).Pos(), End: c.Arg(c.Job).End(),
					Message: fmt.Sprintf("%s, a job of %s, waits for %s, which is not free before the job ends", fn.Name(), held, r),
				})
			}
		}
	}
}

// waitsSuspended reports a wait for an object between resume := d.Suspend() and the
// next use of resume.
func waitsSuspended(m *model.Facts, block *ast.BlockStmt, report check.Reporter) {
	for i, stmt := range block.List {
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
			continue
		}
		expr, ok := assign.Rhs[0].(*ast.CallExpr)
		resume := m.VarOf(assign.Lhs[0])
		if !ok || resume == nil || !api.IsFunc(api.Callee(m.Info(), expr), api.DesyncPath, "Desync.Suspend", "Key.Suspend", "Object.Suspend") {
			continue
		}
		held := m.Ref(api.Receiver(m.Info(), expr).X)
		if !held.Known() {
			continue
		}
		for _, later := range block.List[i+1:] {
			if d, ok := later.(*ast.DeferStmt); ok && m.VarOf(d.Call.Fun) == resume {
				continue
			}
			if m.NamesVar(later, resume) {
				break
			}
			m.Inline(later, model.Frame{}, func(n ast.Node, _ model.Frame) {
				for _, w := range m.Waits(n) {
					if w.Future == nil && !w.Ends && w.Ref.Known() && w.Ref.WaitsFor(held) {
						report(analysis.Diagnostic{
							Pos: n.Pos(), End: n.End(),
							Message: fmt.Sprintf("waits for %s, which is suspended until %s is called", w.Ref, resume.Name()),
						})
					}
				}
			})
			if leaves(later) {
				break
			}
		}
	}
}

func leaves(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}
