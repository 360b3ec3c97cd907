package workload

import (
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
)

// goals has the limits of the ratios, by the names of the peers.
type goals map[string]limit

type limit struct {
	most float64

	// bound is the name of the side that does only what the work needs, or "". Its
	// ratio is shown beside the goal.
	bound string
}

// refer reports whether a side is the peer of a goal or a bound.
func (g goals) refer(side string) bool {
	for peer, l := range g {
		if side == peer || side == l.bound {
			return true
		}
	}
	return false
}

// of returns the goal of a row, or nil, with its bound if that is among the series.
func (g goals) of(row report.Row, all []measure.Series) *report.Goal {
	l, ok := g[row.Against]
	if !ok {
		return nil
	}
	goal := report.RatioGoal(row, l.most)
	var bound, peer []float64
	for _, s := range all {
		switch s.Name {
		case l.bound:
			bound = s.Nanos
		case row.Against:
			peer = s.Nanos
		}
	}
	if bound != nil {
		goal.Bound = &report.Bound{By: l.bound, Ratio: measure.Quartiles(measure.Ratios(bound, peer)).Median}
	}
	return goal
}

// Bound returns the name of the peer that gives the bound of a row of w, or "".
func Bound(w Workload, against string) string {
	switch w := w.(type) {
	case timed:
		return w.goals[against].bound
	case fan:
		return w.goals[against].bound
	}
	return ""
}

// HasGoals reports whether a row of w may have a goal.
func HasGoals(w Workload) bool {
	switch w := w.(type) {
	case timed:
		return len(w.goals) > 0 || w.allocFree
	case versus:
		return len(w.goals) > 0 || w.allocs != nil
	case fan:
		return len(w.goals) > 0
	}
	return true
}
