package desyncvet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/analysis"
)

func (f *raceFlow) judge(a access, state pending, conflicts func(access) bool) {
	if !f.checking || f.loopVar(a.v) {
		return
	}
	for _, h := range slices.SortedFunc(maps.Keys(state), byPlace) {
		if h.lit.Pos() <= a.at.Pos() && a.at.End() <= h.lit.End() || f.excused(h, a) {
			continue
		}
		for _, w := range h.writes {
			seen := w
			seen.part = spread(f.body, w.part, a.at)
			// An element of its own for each round is another one in this round.
			if conflicts(seen) && (state[h]&thisRound != 0 || seen.part != w.part || !ownIndex(f.body, w.part, h.lit)) {
				f.found(a, h, "writes")
				break
			}
		}
		if a.write {
			for _, r := range h.reads {
				// A read in the job of v[i] is seen as one of v.
				if r.v == a.v && a.part == "" {
					f.found(a, h, "reads")
					break
				}
			}
		}
	}
}

// beside reports what a job that is handed over and one that may be running, of
// another object, both use: they run at the same time.
func (f *raceFlow) beside(h *handover, state pending) {
	if !f.checking || h.call.Name == "After" || f.m.Synchronizes(h.lit) {
		return
	}
	for _, other := range slices.SortedFunc(maps.Keys(state), byPlace) {
		if other == h || other.call.Name == "After" || !distinct(f.m, h.object, other.object) || f.m.Synchronizes(other.lit) {
			continue
		}
		a := cmp.Or(clash(h.writes, other), clash(other.writes, h))
		if a == nil {
			continue
		}
		if !slices.Contains(h.writes, *a) {
			i := slices.IndexFunc(h.reads, func(r access) bool { return r.v == a.v })
			a = &h.reads[i]
		}
		does := "uses"
		if a.write {
			does = "writes"
		}
		f.report(analysis.Diagnostic{
			Pos: a.at.Pos(), End: a.at.End(),
			Message: fmt.Sprintf("the job of %s %s %s while a job of %s, which runs at the same time, uses it", h.object, does, a.v.Name(), other.object),
		})
	}
}

// clash returns a write that is in the way of what another job does.
func clash(writes []access, other *handover) *access {
	for _, w := range writes {
		if slices.ContainsFunc(other.writes, w.conflicts) ||
			w.part == "" && slices.ContainsFunc(other.reads, func(r access) bool { return r.v == w.v }) {
			return &w
		}
	}
	return nil
}

func byPlace(a, b *handover) int { return cmp.Compare(a.lit.Pos(), b.lit.Pos()) }

func (f *raceFlow) found(a access, h *handover, does string) {
	verb := "is read"
	if a.write {
		verb = "is written"
	}
	if _, ok := a.at.(*ast.ReturnStmt); ok {
		verb = "is returned"
	}
	line := f.m.Pass.Fset.Position(h.call.Expr.Pos()).Line
	f.report(analysis.Diagnostic{
		Pos: a.at.Pos(), End: a.at.End(),
		Message: fmt.Sprintf("%s %s while the job of %s in line %d, which %s it, may be running", a.v.Name(), verb, h.call, line, does),
	})
}

// loopVar reports whether v belongs to the head of a loop: each round has one of
// its own.
func (f *raceFlow) loopVar(v *types.Var) bool {
	found := false
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			found = found || n.Init != nil && n.Init.Pos() <= v.Pos() && v.Pos() < n.Init.End()
		case *ast.RangeStmt:
			found = found || n.Pos() < v.Pos() && v.Pos() < n.X.Pos()
		}
		return !found
	})
	return found
}

// excused reports whether the way from a handover to an access that passes no
// barrier is likely to be none: the handover depends on a condition and a
// barrier does too, or a loop with a barrier would have to have no round.
func (f *raceFlow) excused(h *handover, a access) bool {
	from, to := h.call.Expr.End(), a.at.Pos()
	contains := func(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }
	conditional := false
	excused := false
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt, *ast.CaseClause, *ast.CommClause:
			conditional = conditional || contains(n, h.call.Expr.Pos()) && !contains(n, to)
		case *ast.ForStmt, *ast.RangeStmt:
			if contains(n, h.call.Expr.Pos()) && !contains(n, to) {
				conditional = true
			}
			if !contains(n, h.call.Expr.Pos()) && !contains(n, to) && from <= n.Pos() && n.End() <= to {
				for _, b := range f.barriers {
					excused = excused || contains(n, b.at.Pos()) && f.orders(b, h)
				}
			}
		}
		return true
	})
	if conditional {
		for _, b := range f.barriers {
			excused = excused || from <= b.at.Pos() && b.at.End() <= to && f.orders(b, h)
		}
	}
	return excused
}
