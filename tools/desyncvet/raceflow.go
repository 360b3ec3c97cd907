package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"

	"golang.org/x/tools/go/cfg"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// A raceFlow follows the jobs that a function has handed over and not yet waited
// for along the ways through the function.
type raceFlow struct {
	m         *model.Facts
	body      *ast.BlockStmt
	handovers map[*ast.CallExpr]*handover
	named     []*types.Var
	report    reporter

	barriers []barrier
	defers   []*ast.DeferStmt // in the order of the source
	checking bool             // accesses are judged, the states being complete
}

// A barrier is a place that waits, for objects or for what is not known.
type barrier struct {
	at      ast.Node
	objects []model.Ref // none if it may be anything
}

// pending has the jobs that may be running, and in which round of the innermost
// loop around them they were handed over.
type pending map[*handover]round

type round int

const (
	thisRound round = 1 << iota
	olderRound
)

func (f *raceFlow) run(graph *cfg.CFG) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			f.defers = append(f.defers, n)
		}
		return true
	})
	in := make(map[*cfg.Block]pending)
	work := []*cfg.Block{graph.Blocks[0]}
	in[graph.Blocks[0]] = make(pending)
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		out := maps.Clone(in[b])
		f.block(b, out)
		for _, next := range b.Succs {
			if in[next] == nil {
				in[next] = make(pending)
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

func (f *raceFlow) block(b *cfg.Block, state pending) {
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
		for _, v := range f.named {
			f.access(access{v: v, at: r}, state)
		}
	}
}

// enter does what comes before the nodes of a block: a round of a loop begins, or
// a select statement goes on with one of its clauses.
func (f *raceFlow) enter(b *cfg.Block, state pending) {
	switch stmt := b.Stmt.(type) {
	case *ast.RangeStmt:
		if b.Kind != cfg.KindRangeLoop {
			return
		}
		for h := range state {
			if stmt.Body.Pos() <= h.lit.Pos() && h.lit.End() <= stmt.Body.End() {
				state[h] = olderRound
			}
		}
		if f.m.PauseOfRange(stmt) != api.PauseNever {
			f.wait(barrier{at: stmt.X}, state)
		}
		f.elements(stmt, state)
	case *ast.CommClause:
		if b.Kind == cfg.KindSelectCaseBody {
			f.wait(barrier{at: stmt.Comm}, state)
		}
	}
}

// elements is the access of a range statement to what it ranges over.
func (f *raceFlow) elements(stmt *ast.RangeStmt, state pending) {
	v, part, ok := partOf(f.m, stmt.X)
	if !ok {
		return
	}
	switch f.m.Info().TypeOf(stmt.X).Underlying().(type) {
	case *types.Map:
		f.access(access{v: v, part: part + "[]", at: stmt.X}, state)
	case *types.Slice, *types.Array:
		if stmt.Value != nil && !model.IsBlank(stmt.Value) {
			f.access(access{v: v, part: part + every, at: stmt.X}, state)
		}
	}
}

// visit goes through a node in the order in which its parts run.
func (f *raceFlow) visit(n ast.Node, state pending) {
	m := f.m
	visitAll := func(es []ast.Expr) {
		for _, e := range es {
			f.visit(e, state)
		}
	}
	switch n := n.(type) {
	case nil, *ast.BadExpr, *ast.BasicLit, *ast.FuncLit:
	case *ast.Ident:
		if v, ok := m.Info().Defs[n].(*types.Var); ok {
			f.declare(v, state)
			return
		}
		for _, a := range accesses(m, n) {
			if _, isSlice := a.v.Type().Underlying().(*types.Slice); !isSlice {
				if _, isMap := a.v.Type().Underlying().(*types.Map); !isMap {
					f.access(a, state)
					continue
				}
			}
			f.wholeAccess(a, state) // the header alone
		}
	case *ast.AssignStmt:
		visitAll(n.Rhs)
		for _, lhs := range n.Lhs {
			switch x := ast.Unparen(lhs).(type) {
			case *ast.Ident:
				if v, ok := m.Info().Defs[x].(*types.Var); ok {
					f.declare(v, state)
				}
			case *ast.IndexExpr:
				f.visit(x.Index, state)
			}
		}
		for _, a := range accesses(m, n) {
			f.access(a, state)
		}
	case *ast.IncDecStmt:
		for _, a := range accesses(m, n) {
			if !f.loopVar(a.v) {
				f.access(a, state)
			}
		}
	case *ast.ValueSpec:
		visitAll(n.Values)
		for _, name := range n.Names {
			f.visit(name, state)
		}
	case *ast.SelectorExpr, *ast.IndexExpr:
		e := n.(ast.Expr)
		if v, part, ok := partOf(m, e); ok {
			f.access(access{v: v, part: part, at: e}, state)
			if x, ok := e.(*ast.IndexExpr); ok {
				f.visit(x.Index, state)
			}
			return
		}
		switch x := e.(type) {
		case *ast.SelectorExpr:
			f.visit(x.X, state)
		case *ast.IndexExpr:
			f.visit(x.X, state)
			f.visit(x.Index, state)
		}
	case *ast.CallExpr:
		f.call(n, state, false)
	case *ast.DeferStmt:
		visitAll(n.Call.Args)
	case *ast.GoStmt:
		visitAll(n.Call.Args)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			if v := m.VarOf(n.X); v != nil {
				return // the address is no access
			}
		}
		f.visit(n.X, state)
		if model.IsReceive(n) && !m.Polled[n] {
			f.wait(barrier{at: n}, state)
		}
	case *ast.SendStmt:
		f.visit(n.Value, state)
		if !m.Polled[n] {
			f.wait(barrier{at: n}, state)
		}
	case *ast.BlockStmt:
		for _, s := range n.List {
			f.visit(s, state)
		}
	case ast.Node:
		f.children(n, state)
	}
}

func (f *raceFlow) children(n ast.Node, state pending) {
	first := true
	ast.Inspect(n, func(child ast.Node) bool {
		if first {
			first = false
			return true
		}
		if child != nil {
			f.visit(child, state)
		}
		return false
	})
}

// call goes through a call, a deferred one when its time has come.
func (f *raceFlow) call(n *ast.CallExpr, state pending, deferred bool) {
	m := f.m
	if !deferred {
		f.visit(n.Fun, state)
		header := m.IsBuiltin(n, "len") || m.IsBuiltin(n, "cap")
		for _, arg := range n.Args {
			v := m.VarOf(arg)
			switch {
			case v != nil && !header && m.Info().Types[n.Fun].IsValue() && m.Quiet(n):
				f.access(access{v: v, at: arg}, state) // it may read all of it
			default:
				f.visit(arg, state)
			}
		}
	}
	if lit := m.Literal(n.Fun); lit != nil {
		f.visit(lit.Body, state)
		return
	}
	c := m.Calls[n]
	switch {
	case c != nil && c.Mode == api.Background:
		if c.Name == "bounded.Async" {
			f.wait(barrier{at: n}, state) // for room
		}
		if h := f.handovers[n]; h != nil {
			f.beside(h, state)
			state[h] |= thisRound
		}
	case c != nil:
		b := barrier{at: n, objects: m.Objects(c)}
		if c.All {
			b.objects = nil
		}
		f.wait(b, state)
		if c.Job >= 0 {
			if lit := m.Literal(c.Arg(c.Job)); lit != nil {
				f.visit(lit.Body, state)
			} else {
				f.wait(barrier{at: n}, state)
			}
		}
	case !m.Quiet(n):
		f.wait(barrier{at: n}, state)
	}
}

func (f *raceFlow) wait(b barrier, state pending) {
	if !f.checking {
		f.barriers = append(f.barriers, b)
	}
	for h := range state {
		if f.orders(b, h) {
			delete(state, h)
		}
	}
}

// orders reports whether the job may have run when the barrier is passed.
func (f *raceFlow) orders(b barrier, h *handover) bool {
	for _, r := range b.objects {
		if !distinct(f.m, r, h.object) || !idle(f.m, r) {
			return true
		}
	}
	return len(b.objects) == 0
}

// declare begins a new variable: what is pending wrote to another.
func (f *raceFlow) declare(v *types.Var, state pending) {
	for h := range state {
		for _, a := range h.writes {
			if a.v == v {
				delete(state, h)
			}
		}
	}
}

// wholeAccess is access for a slice or map of which only the header is read.
func (f *raceFlow) wholeAccess(a access, state pending) {
	f.judge(a, state, func(w access) bool { return w.v == a.v && w.part == "" })
}

func (f *raceFlow) access(a access, state pending) { f.judge(a, state, a.conflicts) }
