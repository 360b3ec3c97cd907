package desyncvet

import (
	"go/ast"
	"go/types"
)

// A pause says whether something can make its goroutine wait for others. What
// waits can put accesses in order, so no check takes an unknown for a never.
type pause int

const (
	pauseUnknown pause = iota // it does what is not known
	pauseNever                // it waits for nothing
	pauseMay                  // it has a place that waits
)

// and returns what is known of one thing and another together.
func (p pause) and(q pause) pause {
	switch {
	case p == pauseMay || q == pauseMay:
		return pauseMay
	case p == pauseUnknown || q == pauseUnknown:
		return pauseUnknown
	}
	return pauseNever
}

// pauseOf returns whether n itself waits, its parts left out. That a select
// statement goes on at once if it has a default is the caller's to see.
func (m *facts) pauseOf(n ast.Node) pause {
	switch n := n.(type) {
	case *ast.SendStmt:
		return pauseMay
	case *ast.UnaryExpr:
		if isReceive(n) {
			return pauseMay
		}
	case *ast.SelectStmt:
		if !hasDefault(n) {
			return pauseMay
		}
		return pauseUnknown
	case *ast.GoStmt:
		return pauseUnknown
	case *ast.RangeStmt:
		return m.pauseOfRange(n)
	case *ast.CallExpr:
		return m.pauseOfCall(n)
	}
	return pauseNever
}

// pauseOfRange is pauseOf for what a range statement does to get the next value.
func (m *facts) pauseOfRange(n *ast.RangeStmt) pause {
	t := m.info().TypeOf(n.X)
	if t == nil {
		return pauseUnknown
	}
	switch t.Underlying().(type) {
	case *types.Chan:
		return pauseMay
	case *types.Signature:
		return m.pauseOfFunction(n.X)
	}
	return pauseNever
}

// pauseOfFunction returns whether a call of the function value e waits.
func (m *facts) pauseOfFunction(e ast.Expr) pause {
	if len(m.stageObjects(e)) > 0 {
		return pauseMay
	}
	if lit := m.literal(e); lit != nil {
		return m.pauseIn(lit.Body)
	}
	if fn := m.function(e); fn != nil {
		return m.pauseOfFunc(fn)
	}
	if made, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		// An iterator of the standard library waits no more than what it is made
		// from.
		if fn := callee(m.info(), made); fn != nil && standardIterator(fn) {
			return m.pauseOfCall(made)
		}
	}
	return pauseUnknown
}

func (m *facts) pauseOfCall(expr *ast.CallExpr) pause {
	if tv := m.info().Types[expr.Fun]; tv.IsType() {
		return pauseNever
	} else if tv.IsBuiltin() {
		if m.isBuiltin(expr, "close") {
			return pauseUnknown // somebody may wait for it
		}
		return pauseNever
	}
	if c := m.calls[expr]; c != nil {
		if c.mode == foreground || c.mode == waiting || c.name == "bounded.Async" {
			return pauseMay
		}
		return pauseUnknown
	}
	if m.literal(expr.Fun) != nil {
		return pauseNever // its body is looked at
	}
	fn := callee(m.info(), expr)
	if fn == nil {
		return pauseUnknown
	}
	p := m.pauseOfFunc(fn)
	if p == pauseNever && (fn.Pkg() == nil || isStandard(fn.Pkg().Path())) {
		p = p.and(m.pauseOfArguments(expr, fn))
	}
	return p
}

// pauseOfArguments returns whether a function of the standard library, which does
// not wait itself, may wait in what it is given: a function, an iterator, a reader
// or a writer.
func (m *facts) pauseOfArguments(expr *ast.CallExpr, fn *types.Func) pause {
	p := pauseNever
	for i, arg := range expr.Args {
		t := m.info().TypeOf(arg)
		if t == nil {
			continue
		}
		if _, ok := t.Underlying().(*types.Signature); ok {
			p = p.and(m.pauseOfFunction(arg))
			continue
		}
		params := fn.Signature().Params()
		if i < params.Len() && isStream(params.At(i).Type()) && !m.isCalmStream(arg) {
			p = pauseUnknown
		}
	}
	return p
}

// pauseOfFunc returns whether a call of fn waits.
func (m *facts) pauseOfFunc(fn *types.Func) pause {
	switch {
	case fn.Pkg() == nil:
		return pauseNever // error.Error
	case adapterWaits(fn):
		return pauseMay
	case isFunc(fn, desyncPath, "New", "NewMap", "Desync.Pending", "Map.Len", "WithName"),
		isFunc(fn, futuresPath, "Future.Done", "Promise.Future"):
		return pauseNever
	}
	if p := m.summary(fn).Pause; p != pauseUnknown {
		return p
	}
	return pauseOfStandard(fn)
}

// pauseIn returns whether code waits, with what runs on its goroutine.
func (m *facts) pauseIn(body ast.Node) pause {
	p := pauseNever
	m.inline(body, frame{}, func(n ast.Node, _ frame) { p = p.and(m.pauseOf(n)) })
	return p
}

// quiet reports whether a call certainly waits for nothing.
func (m *facts) quiet(expr *ast.CallExpr) bool { return m.pauseOfCall(expr) == pauseNever }

// synchronizes reports whether a job does anything that could order it and jobs
// of other objects.
func (m *facts) synchronizes(lit *ast.FuncLit) bool { return m.pauseIn(lit.Body) != pauseNever }

// waitsIn reports whether a loop waits for something after each job.
func (m *facts) waitsIn(loop *ast.BlockStmt, h *handover) bool {
	found := false
	m.inline(loop, frame{}, func(n ast.Node, _ frame) {
		if n != ast.Node(h.call.expr) {
			if c, ok := n.(*ast.CallExpr); !ok || m.calls[c] == nil || m.calls[c].mode != background {
				found = found || m.pauseOf(n) != pauseNever
			}
		}
	})
	return found
}

func hasDefault(s *ast.SelectStmt) bool {
	for _, clause := range s.Body.List {
		if clause.(*ast.CommClause).Comm == nil {
			return true
		}
	}
	return false
}

// polled returns the receives and sends of select statements in body that do not
// wait for them alone: there is a default, or another clause.
func polled(body ast.Node) map[ast.Node]bool {
	nodes := make(map[ast.Node]bool)
	ast.Inspect(body, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectStmt)
		if !ok || len(s.Body.List) < 2 {
			return true
		}
		for _, clause := range s.Body.List {
			switch comm := clause.(*ast.CommClause).Comm.(type) {
			case *ast.SendStmt:
				nodes[comm] = true
			case *ast.ExprStmt:
				nodes[ast.Unparen(comm.X)] = true
			case *ast.AssignStmt:
				nodes[ast.Unparen(comm.Rhs[0])] = true
			}
		}
		return true
	})
	return nodes
}
