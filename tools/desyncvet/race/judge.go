package race

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/flow"
)

// A judge reports accesses that conflict with a job that may be running.
type judge struct {
	*flow.Paths
	report check.Reporter
}

func (f *judge) access(a flow.Access, state flow.Pending, conflicts func(flow.Access) bool) {
	for _, h := range slices.SortedFunc(maps.Keys(state), byPlace) {
		if h.Lit.Pos() <= a.At.Pos() && a.At.End() <= h.Lit.End() || f.excused(h, a) {
			continue
		}
		if state[h]&flow.ThisRound == 0 && f.ofRound(a, h) {
			continue
		}
		for _, w := range h.Writes {
			seen := w
			seen.Part = flow.Spread(f.Body, w.Part, a.At)
			// If each round of the loop has an element of its own, this round
			// uses another element.
			if conflicts(seen) && (state[h]&flow.ThisRound != 0 || !flow.OwnIndex(f.Body, seen.Part, h.Lit)) {
				f.found(a, h, "writes")
				break
			}
		}
		if a.Write {
			for _, r := range h.Reads {
				// A read of v[i] in the job counts as a read of v.
				if r.V == a.V && a.Part == "" {
					f.found(a, h, "reads")
					break
				}
			}
		}
	}
}

// ofRound reports whether the variable is a new one in each round of the loop that hands the
// job over.
func (f *judge) ofRound(a flow.Access, h *flow.Handover) bool {
	loop := flow.Around(f.Body, h.Lit)
	return loop != nil && loop.Pos() <= a.V.Pos() && a.V.Pos() <= loop.End()
}

// jobs reports a variable that is used by both a job that is handed over and a
// job of another object that may be running, since the two may run at the same
// time.
func (f *judge) jobs(h *flow.Handover, state flow.Pending) {
	if h.Call.Name == "After" || f.M.Synchronizes(h.Lit) || flow.OneAtATime(f.M, f.Body, h) {
		return
	}
	for _, other := range slices.SortedFunc(maps.Keys(state), byPlace) {
		if other == h || other.Call.Name == "After" || !flow.Distinct(f.M, h.Object, other.Object) || f.M.Synchronizes(other.Lit) {
			continue
		}
		a := cmp.Or(clash(h.Writes, other), clash(other.Writes, h))
		if a == nil {
			continue
		}
		if !slices.Contains(h.Writes, *a) {
			i := slices.IndexFunc(h.Reads, func(r flow.Access) bool { return r.V == a.V })
			a = &h.Reads[i]
		}
		does := "uses"
		if a.Write {
			does = "writes"
		}
		f.report(analysis.Diagnostic{
			Pos: a.At.Pos(), End: a.At.End(),
			Message: fmt.Sprintf("the job of %s %s %s while a job of %s, which runs at the same time, uses it", h.Object, does, a.V.Name(), other.Object),
		})
	}
}

// clash returns a write that conflicts with an access of another job.
func clash(writes []flow.Access, other *flow.Handover) *flow.Access {
	for _, w := range writes {
		if slices.ContainsFunc(other.Writes, w.Conflicts) ||
			w.Part == "" && slices.ContainsFunc(other.Reads, func(r flow.Access) bool { return r.V == w.V }) {
			return &w
		}
	}
	return nil
}

func byPlace(a, b *flow.Handover) int { return cmp.Compare(a.Lit.Pos(), b.Lit.Pos()) }

func (f *judge) found(a flow.Access, h *flow.Handover, does string) {
	verb := "is read"
	if a.Write {
		verb = "is written"
	}
	if _, ok := a.At.(*ast.ReturnStmt); ok {
		verb = "is returned"
	}
	line := f.M.Pass.Fset.Position(h.Call.Expr.Pos()).Line
	f.report(analysis.Diagnostic{
		Pos: a.At.Pos(), End: a.At.End(),
		Message: fmt.Sprintf("%s %s while the job of %s in line %d, which %s it, may be running", a.V.Name(), verb, h.Call, line, does),
	})
}

// excused reports whether a path from a handover to an access without a barrier
// is probably impossible: the handover depends on a condition and a barrier
// does too, or the path needs a loop with a barrier to have no round.
func (f *judge) excused(h *flow.Handover, a flow.Access) bool {
	from, to := h.Call.Expr.End(), a.At.Pos()
	contains := func(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }
	conditional := false
	excused := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt, *ast.CaseClause, *ast.CommClause:
			conditional = conditional || contains(n, h.Call.Expr.Pos()) && !contains(n, to)
		case *ast.ForStmt, *ast.RangeStmt:
			if contains(n, h.Call.Expr.Pos()) && !contains(n, to) {
				conditional = true
			}
			if !contains(n, h.Call.Expr.Pos()) && !contains(n, to) && from <= n.Pos() && n.End() <= to {
				for _, b := range f.Barriers {
					excused = excused || contains(n, b.At.Pos()) && f.Orders(b, h)
				}
			}
		}
		return true
	})
	if conditional {
		for _, b := range f.Barriers {
			excused = excused || from <= b.At.Pos() && b.At.End() <= to && f.Orders(b, h)
		}
	}
	return excused
}
