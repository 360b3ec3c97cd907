package flow

import (
	"go/ast"
	"go/types"
	"maps"

	"golang.org/x/tools/go/cfg"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// Paths follows the jobs of a function along the paths of its control flow, from where a
// job is handed over to where the function has waited for it.
type Paths struct {
	M         *model.Facts
	Body      *ast.BlockStmt
	Handovers map[*ast.CallExpr]*Handover
	Named     []*types.Var

	// OnAccess and OnJob are called when the states are complete: for each access, and
	// for each job that is handed over, with the jobs that may be running then.
	OnAccess func(a Access, state Pending, conflicts func(Access) bool)
	OnJob    func(h *Handover, state Pending)

	Barriers []barrier
	entered  []*ast.FuncLit   // functions that are being gone through, from the outside in
	defers   []*ast.DeferStmt // in the order of the source
	checking bool             // the states are complete, and accesses are judged
}

// A barrier is a place that waits, for objects or for something unknown.
type barrier struct {
	At      ast.Node
	objects []model.Ref // none if it is not known what it waits for
}

// Pending has the jobs that may be running, and in which round of the innermost
// loop around them they were handed over.
type Pending map[*Handover]round

type round int

const (
	ThisRound round = 1 << iota
	olderRound
)

// nextRound begins another round of a loop.
func (p Pending) nextRound(loop *ast.BlockStmt) {
	for h := range p {
		if loop.Pos() <= h.Lit.Pos() && h.Lit.End() <= loop.End() {
			p[h] = olderRound
		}
	}
}

// Run goes through the graph until the states are complete, and then once more to
// call OnAccess and OnJob.
func (f *Paths) Run(graph *cfg.CFG) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			f.defers = append(f.defers, n)
		}
		return true
	})
	in := make(map[*cfg.Block]Pending)
	work := []*cfg.Block{graph.Blocks[0]}
	in[graph.Blocks[0]] = make(Pending)
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		out := maps.Clone(in[b])
		f.block(b, out)
		for _, next := range b.Succs {
			if in[next] == nil {
				in[next] = make(Pending)
				work = append(work, next)
			}
			more := false
			for h, r := range out {
				more = more || in[next][h]|r != in[next][h]
				in[next][h] |= r
			}
			if more {
				work = append(work, next)
			}
		}
	}
	f.checking = true
	for _, b := range graph.Blocks {
		if state := in[b]; state != nil {
			f.block(b, maps.Clone(state))
		}
	}
}

func (f *Paths) block(b *cfg.Block, state Pending) {
	f.enter(b, state)
	for _, n := range b.Nodes {
		f.visit(n, state)
	}
	if r := b.Return(); r != nil {
		for i := len(f.defers) - 1; i >= 0; i-- {
			if d := f.defers[i]; d.Pos() < r.Pos() {
				f.call(d.Call, state, true)
			}
		}
		for _, v := range f.Named {
			f.access(Access{V: v, At: r}, state)
		}
	}
}

// enter handles the beginning of a block: a round of a loop begins, or a select
// statement goes on with one of its clauses.
func (f *Paths) enter(b *cfg.Block, state Pending) {
	switch stmt := b.Stmt.(type) {
	case *ast.ForStmt:
		if b.Kind == cfg.KindForPost {
			state.nextRound(stmt.Body)
		}
	case *ast.RangeStmt:
		if b.Kind != cfg.KindRangeLoop {
			return
		}
		state.nextRound(stmt.Body)
		if f.M.PauseOfRange(stmt) != api.PauseNever {
			f.wait(barrier{At: stmt.X}, state)
		}
		f.elements(stmt, state)
	case *ast.CommClause:
		if b.Kind == cfg.KindSelectCaseBody {
			f.wait(barrier{At: stmt.Comm}, state)
		}
	}
}

func (f *Paths) wait(b barrier, state Pending) {
	if !f.checking {
		f.Barriers = append(f.Barriers, b)
	}
	for h := range state {
		if f.Orders(b, h) {
			delete(state, h)
		}
	}
}

// Orders reports whether the job may have ended when the function has passed the
// barrier, so that the two are in order.
func (f *Paths) Orders(b barrier, h *Handover) bool {
	for _, r := range b.objects {
		if !Distinct(f.M, r, h.Object) || !idle(f.M, r) {
			return true
		}
	}
	return len(b.objects) == 0
}
