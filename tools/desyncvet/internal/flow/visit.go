package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// elements is the access of a range statement to what it ranges over.
func (f *Paths) elements(stmt *ast.RangeStmt, state Pending) {
	v, part, ok := partOf(f.M, stmt.X)
	if !ok {
		return
	}
	switch f.M.Info().TypeOf(stmt.X).Underlying().(type) {
	case *types.Map:
		f.access(Access{V: v, Part: part + "[]", At: stmt.X}, state)
	case *types.Slice, *types.Array:
		if stmt.Value != nil && !model.IsBlank(stmt.Value) {
			f.access(Access{V: v, Part: part + every, At: stmt.X}, state)
		}
	}
}

// visit goes through a node in the order in which its parts run.
func (f *Paths) visit(n ast.Node, state Pending) {
	m := f.M
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
			if _, isSlice := a.V.Type().Underlying().(*types.Slice); !isSlice {
				if _, isMap := a.V.Type().Underlying().(*types.Map); !isMap {
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
			if !f.loopVar(a.V) {
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
			f.access(Access{V: v, Part: part, At: e}, state)
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
			f.wait(barrier{At: n}, state)
		}
	case *ast.SendStmt:
		f.visit(n.Value, state)
		if !m.Polled[n] {
			f.wait(barrier{At: n}, state)
		}
	case *ast.BlockStmt:
		for _, s := range n.List {
			f.visit(s, state)
		}
	case ast.Node:
		f.children(n, state)
	}
}

func (f *Paths) children(n ast.Node, state Pending) {
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
func (f *Paths) call(n *ast.CallExpr, state Pending, deferred bool) {
	m := f.M
	if !deferred {
		f.visit(n.Fun, state)
		header := m.IsBuiltin(n, "len") || m.IsBuiltin(n, "cap")
		for _, arg := range n.Args {
			v := m.VarOf(arg)
			switch {
			case v != nil && !header && m.Info().Types[n.Fun].IsValue() && m.Quiet(n):
				f.access(Access{V: v, At: arg}, state) // it may read all of it
			default:
				f.visit(arg, state)
			}
		}
	}
	if lit := m.Literal(n.Fun); lit != nil {
		f.literal(lit, state)
		return
	}
	c := m.Calls[n]
	switch {
	case c != nil && c.Mode == api.Background:
		if c.Enters {
			f.wait(barrier{At: n}, state) // for room
		}
		if h := f.Handovers[n]; h != nil {
			if f.checking {
				f.OnJob(h, state)
			}
			state[h] |= ThisRound
		}
	case c != nil:
		b := barrier{At: n, objects: m.Objects(c)}
		if c.All {
			b.objects = nil
		}
		f.wait(b, state)
		if c.Job >= 0 {
			if lit := m.Literal(c.Arg(c.Job)); lit != nil {
				f.literal(lit, state)
			} else {
				f.wait(barrier{At: n}, state)
			}
		}
	case !m.Quiet(n):
		f.wait(barrier{At: n}, state)
	}
}

// literal goes through a function that is called. One that calls itself is gone through once.
func (f *Paths) literal(lit *ast.FuncLit, state Pending) {
	if slices.Contains(f.entered, lit) {
		return
	}
	f.entered = append(f.entered, lit)
	f.visit(lit.Body, state)
	f.entered = f.entered[:len(f.entered)-1]
}

// declare begins a new variable: pending jobs have written to an older one.
func (f *Paths) declare(v *types.Var, state Pending) {
	for h := range state {
		for _, a := range h.Writes {
			if a.V == v {
				delete(state, h)
			}
		}
	}
}

// wholeAccess is access for a slice or map if only its header is read.
func (f *Paths) wholeAccess(a Access, state Pending) {
	if f.checking && !f.loopVar(a.V) {
		f.OnAccess(a, state, func(w Access) bool { return w.V == a.V && w.Part == "" })
	}
}

func (f *Paths) access(a Access, state Pending) {
	if f.checking && !f.loopVar(a.V) {
		f.OnAccess(a, state, a.Conflicts)
	}
}

// loopVar reports whether v belongs to the head of a loop: each round has one of
// its own.
func (f *Paths) loopVar(v *types.Var) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
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
