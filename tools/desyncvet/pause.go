package desyncvet

import (
	"go/ast"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// pauseOf returns whether n itself waits, its parts left out. That a select
// statement goes on at once if it has a default is the caller's to see.
func (m *facts) pauseOf(n ast.Node) api.Pause {
	switch n := n.(type) {
	case *ast.SendStmt:
		return api.PauseMay
	case *ast.UnaryExpr:
		if isReceive(n) {
			return api.PauseMay
		}
	case *ast.SelectStmt:
		if !hasDefault(n) {
			return api.PauseMay
		}
		return api.PauseUnknown
	case *ast.GoStmt:
		return api.PauseUnknown
	case *ast.RangeStmt:
		return m.pauseOfRange(n)
	case *ast.CallExpr:
		return m.pauseOfCall(n)
	}
	return api.PauseNever
}

// pauseOfRange is pauseOf for what a range statement does to get the next value.
func (m *facts) pauseOfRange(n *ast.RangeStmt) api.Pause {
	t := m.info().TypeOf(n.X)
	if t == nil {
		return api.PauseUnknown
	}
	switch t.Underlying().(type) {
	case *types.Chan:
		return api.PauseMay
	case *types.Signature:
		return m.pauseOfFunction(n.X)
	}
	return api.PauseNever
}

// pauseOfFunction returns whether a call of the function value e waits.
func (m *facts) pauseOfFunction(e ast.Expr) api.Pause {
	if len(m.stageObjects(e)) > 0 {
		return api.PauseMay
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
		if fn := api.Callee(m.info(), made); fn != nil && api.StandardIterator(fn) {
			return m.pauseOfCall(made)
		}
	}
	return api.PauseUnknown
}

func (m *facts) pauseOfCall(expr *ast.CallExpr) api.Pause {
	if tv := m.info().Types[expr.Fun]; tv.IsType() {
		return api.PauseNever
	} else if tv.IsBuiltin() {
		if m.isBuiltin(expr, "close") {
			return api.PauseUnknown // somebody may wait for it
		}
		return api.PauseNever
	}
	if c := m.calls[expr]; c != nil {
		if c.Mode == api.Foreground || c.Mode == api.Waiting || c.Name == "bounded.Async" {
			return api.PauseMay
		}
		return api.PauseUnknown
	}
	if m.literal(expr.Fun) != nil {
		return api.PauseNever // its body is looked at
	}
	fn := api.Callee(m.info(), expr)
	if fn == nil {
		return api.PauseUnknown
	}
	p := m.pauseOfFunc(fn)
	if p == api.PauseNever && (fn.Pkg() == nil || api.IsStandard(fn.Pkg().Path())) {
		p = p.And(m.pauseOfArguments(expr, fn))
	}
	return p
}

// pauseOfArguments returns whether a function of the standard library, which does
// not wait itself, may wait in what it is given: a function, an iterator, a reader
// or a writer.
func (m *facts) pauseOfArguments(expr *ast.CallExpr, fn *types.Func) api.Pause {
	p := api.PauseNever
	for i, arg := range expr.Args {
		t := m.info().TypeOf(arg)
		if t == nil {
			continue
		}
		if _, ok := t.Underlying().(*types.Signature); ok {
			p = p.And(m.pauseOfFunction(arg))
			continue
		}
		params := fn.Signature().Params()
		if i < params.Len() && api.IsStream(params.At(i).Type()) && !m.isCalmStream(arg) {
			p = api.PauseUnknown
		}
	}
	return p
}

// pauseOfFunc returns whether a call of fn waits.
func (m *facts) pauseOfFunc(fn *types.Func) api.Pause {
	switch {
	case fn.Pkg() == nil:
		return api.PauseNever // error.Error
	case api.AdapterWaits(fn):
		return api.PauseMay
	case api.IsFunc(fn, api.DesyncPath, "New", "NewMap", "Desync.Pending", "Map.Len", "WithName"),
		api.IsFunc(fn, api.FuturesPath, "Future.Done", "Promise.Future"):
		return api.PauseNever
	}
	if p := m.summary(fn).Pause; p != api.PauseUnknown {
		return p
	}
	return api.PauseOfStandard(fn)
}

// pauseIn returns whether code waits, with what runs on its goroutine.
func (m *facts) pauseIn(body ast.Node) api.Pause {
	p := api.PauseNever
	m.inline(body, frame{}, func(n ast.Node, _ frame) { p = p.And(m.pauseOf(n)) })
	return p
}

// quiet reports whether a call certainly waits for nothing.
func (m *facts) quiet(expr *ast.CallExpr) bool { return m.pauseOfCall(expr) == api.PauseNever }

// synchronizes reports whether a job does anything that could order it and jobs
// of other objects.
func (m *facts) synchronizes(lit *ast.FuncLit) bool { return m.pauseIn(lit.Body) != api.PauseNever }

// waitsIn reports whether a loop waits for something after each job.
func (m *facts) waitsIn(loop *ast.BlockStmt, h *handover) bool {
	found := false
	m.inline(loop, frame{}, func(n ast.Node, _ frame) {
		if n != ast.Node(h.call.Expr) {
			if c, ok := n.(*ast.CallExpr); !ok || m.calls[c] == nil || m.calls[c].Mode != api.Background {
				found = found || m.pauseOf(n) != api.PauseNever
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
