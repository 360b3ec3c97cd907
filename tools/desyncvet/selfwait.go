package desyncvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

const selfwaitDoc = `find jobs that wait for their own object

The check reports Do, Sync and their Context variants, Sync2 and DoAll in a job
of the same object, and waiting for a future of a job that was queued behind the
one that waits. The object is not free before the job has ended, so the job never
ends.

	d.Do(func(n *int) {
		total = d.Sync(func(n *int) int { return *n }) // waits for ever
	})

Functions that wait are followed, methods and those of other packages included,
and so are functions that return a future. For a Map, the keys must be the same;
Range and Wait wait for every key.

The adapters are known: waiting for a group in one of its jobs, or in a job of an
object that the job itself has given the group another job of; going through the
results of a stage of a pipe, or awaiting the future of pipe.In, in a job of its
object; Flush or Close of a writer or a slog handler in the sink that it writes to.

It also reports waiting, without a context that may end it, for an object that the
same function holds by Suspend and can only resume later.

Use the pointer that the job was given, or queue the inner job with Async.

Only objects that are certainly the same are reported: the same variable, or the
same field or element of it. Functions that look at a desync.DeadlockError close
rings on purpose and are not reported.`

func selfwaitCheck(factsOf *analysis.Analyzer) *analysis.Analyzer {
	return check("selfwait", selfwaitDoc, factsOf, func(_ *analysis.Pass, m *facts, report reporter) {
		m.walk(func(n ast.Node, f frame) {
			for _, w := range m.waits(n) {
				if m.waitsForSelf(w, f) && !m.ringOnPurpose(n, f) {
					report(analysis.Diagnostic{Pos: n.Pos(), End: endOf(n), Message: m.selfwaitMessage(n, w)})
				}
			}
			if m.inOwnGroup(n, f) {
				report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: "Wait waits for the group in one of its jobs, which it waits for too"})
			}
			if expr, ok := n.(*ast.CallExpr); ok {
				m.jobWaits(expr, report)
			}
		})
		for n := range m.in.PreorderSeq((*ast.BlockStmt)(nil)) {
			m.waitsSuspended(n.(*ast.BlockStmt), report)
		}
	})
}

// ringOnPurpose reports whether the function around n is about rings: it looks
// at the error that reports them, or is a test of a call that gives up.
func (m *facts) ringOnPurpose(n ast.Node, f frame) bool {
	owner := ownerNode(n, f)
	if m.mentions(owner, api.DesyncPath, "DeadlockError") {
		return true
	}
	expr, ok := n.(*ast.CallExpr)
	return ok && m.calls[expr] != nil && m.calls[expr].Ctx >= 0 && m.inTest(n) && m.mentions(owner, api.DesyncPath, "ErrNotRun")
}

func (m *model) inTest(n ast.Node) bool {
	return strings.HasSuffix(m.pass.Fset.Position(n.Pos()).Filename, "_test.go")
}

// ownerNode returns a node whose owner is known.
func ownerNode(n ast.Node, f frame) ast.Node {
	if _, ok := n.(*ast.CallExpr); ok {
		return n
	}
	return f.thread
}

// endOf returns where the part of n ends that waits: of a loop the head.
func endOf(n ast.Node) token.Pos {
	if r, ok := n.(*ast.RangeStmt); ok {
		return r.X.End()
	}
	return n.End()
}

func (m *facts) selfwaitMessage(n ast.Node, w wait) string {
	switch {
	case w.future != nil && w.made == nil:
		return fmt.Sprintf("waits for a pipe into %s in a job of %s, behind which the pipe's jobs are queued", w.ref, w.ref)
	case w.made != nil && m.isGroupGo(w.made):
		return fmt.Sprintf("waits for a group's job of %s in a job of %s, behind which it is queued", w.ref, w.ref)
	case w.via != "" && w.future != nil:
		return fmt.Sprintf("%s waits for a future of %s in a job of %s, behind which the future's job is queued", w.via, w.ref, w.ref)
	case w.via != "":
		return fmt.Sprintf("%s waits for %s in a job of %s, which is not free before the job ends", w.via, w.ref, w.ref)
	case w.future != nil:
		return fmt.Sprintf("waits for a future of %s in a job of %s, behind which the future's job is queued", w.ref, w.ref)
	}
	name := "the receive"
	switch n := n.(type) {
	case *ast.CallExpr:
		name = callName(n)
	case *ast.RangeStmt:
		name = "the loop"
	}
	return fmt.Sprintf("%s waits for %s in a job of %s, which is not free before the job ends", name, w.ref, w.ref)
}

func (m *model) isGroupGo(n ast.Node) bool {
	expr, ok := n.(*ast.CallExpr)
	return ok && m.calls[expr] != nil && m.calls[expr].Name == api.GroupGo
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

// waitsForSelf reports whether w waits for an object that the frame holds. A
// future can be waited for if its job was queued before that which waits.
func (m *facts) waitsForSelf(w wait, f frame) bool {
	if w.made != nil {
		return f.holdsAround(w.ref, w.made)
	}
	return f.holds(w.ref)
}

// jobWaits reports a declared function as a job of an object that the function
// waits for: a package variable, or by a method value the receiver's.
func (m *facts) jobWaits(expr *ast.CallExpr, report reporter) {
	c := m.calls[expr]
	if c == nil || c.Job < 0 {
		return
	}
	fn := m.function(c.Arg(c.Job))
	if fn == nil {
		return
	}
	for _, p := range m.summary(fn).Waits {
		var r ref
		if p.Param < 0 {
			r = m.variable(p.Place)
		} else if sel, ok := ast.Unparen(c.Arg(c.Job)).(*ast.SelectorExpr); ok && p.Param == 0 && fn.Signature().Recv() != nil {
			if s := m.info().Selections[sel]; s != nil && s.Kind() == types.MethodVal && len(s.Index()) == 1 {
				if r = m.ref(sel.X); r.known() {
					r.path, r.key = r.path+p.Path, p.Key
				}
			}
		}
		for _, held := range m.held(c) {
			if r.known() && r.waitsFor(held) {
				report(analysis.Diagnostic{
					Pos: c.Arg(c.Job).Pos(), End: c.Arg(c.Job).End(),
					Message: fmt.Sprintf("%s, a job of %s, waits for %s, which is not free before the job ends", fn.Name(), held, r),
				})
			}
		}
	}
}

// waitsSuspended reports a wait for an object between resume := d.Suspend() and
// the first time that something else is done with resume.
func (m *facts) waitsSuspended(block *ast.BlockStmt, report reporter) {
	for i, stmt := range block.List {
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
			continue
		}
		expr, ok := assign.Rhs[0].(*ast.CallExpr)
		resume := m.varOf(assign.Lhs[0])
		if !ok || resume == nil || !api.IsFunc(api.Callee(m.info(), expr), api.DesyncPath, "Desync.Suspend") {
			continue
		}
		held := m.ref(api.Receiver(m.info(), expr).X)
		if !held.known() {
			continue
		}
		for _, later := range block.List[i+1:] {
			if d, ok := later.(*ast.DeferStmt); ok && m.varOf(d.Call.Fun) == resume {
				continue
			}
			if m.uses1(later, resume) {
				break
			}
			m.inline(later, frame{}, func(n ast.Node, _ frame) {
				for _, w := range m.waits(n) {
					if w.future == nil && !w.ends && w.ref.known() && w.ref.waitsFor(held) {
						report(analysis.Diagnostic{
							Pos: n.Pos(), End: n.End(),
							Message: fmt.Sprintf("waits for %s, which is suspended until %s is called", w.ref, resume.Name()),
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

func (m *model) uses1(n ast.Node, v *types.Var) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && m.info().Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

func leaves(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}
