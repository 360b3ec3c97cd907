package model

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// PauseOf returns whether n itself waits, without its parts. The caller must check
// whether a select statement has a default, and so does not wait.
func (m *Facts) PauseOf(n ast.Node) api.Pause {
	switch n := n.(type) {
	case *ast.SendStmt:
		return api.PauseMay
	case *ast.UnaryExpr:
		if IsReceive(n) {
			return api.PauseMay
		}
	case *ast.SelectStmt:
		if !HasDefault(n) {
			return api.PauseMay
		}
		return api.PauseUnknown
	case *ast.GoStmt:
		return api.PauseUnknown
	case *ast.RangeStmt:
		return m.PauseOfRange(n)
	case *ast.CallExpr:
		return m.pauseOfCall(n)
	}
	return api.PauseNever
}

// PauseOfRange is PauseOf for the step of a range statement that gets the next
// value.
func (m *Facts) PauseOfRange(n *ast.RangeStmt) api.Pause {
	t := m.Info().TypeOf(n.X)
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
func (m *Facts) pauseOfFunction(e ast.Expr) api.Pause {
	if len(m.stageObjects(e)) > 0 {
		return api.PauseMay
	}
	if lit := m.Literal(e); lit != nil {
		return m.pauseIn(lit.Body)
	}
	if fn := m.Function(e); fn != nil {
		return m.pauseOfFunc(fn)
	}
	if made, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		// An iterator of the standard library waits only if the value that it is
		// made from does.
		if fn := api.Callee(m.Info(), made); fn != nil && api.StandardIterator(fn) {
			return m.pauseOfCall(made)
		}
	}
	return api.PauseUnknown
}

func (m *Facts) pauseOfCall(expr *ast.CallExpr) api.Pause {
	if tv := m.Info().Types[expr.Fun]; tv.IsType() {
		return api.PauseNever
	} else if tv.IsBuiltin() {
		if m.IsBuiltin(expr, "close") {
			return api.PauseUnknown // somebody may wait for it
		}
		return api.PauseNever
	}
	if c := m.Calls[expr]; c != nil {
		if c.Mode == api.Foreground || c.Mode == api.Waiting || c.Enters {
			return api.PauseMay
		}
		return api.PauseUnknown
	}
	if m.Literal(expr.Fun) != nil {
		return api.PauseNever // its body is looked at
	}
	fn := api.Callee(m.Info(), expr)
	if fn == nil {
		return api.PauseUnknown
	}
	p := m.pauseOfFunc(fn)
	if p == api.PauseNever && (fn.Pkg() == nil || api.IsStandard(fn.Pkg().Path())) {
		p = p.And(m.pauseOfArguments(expr, fn))
	}
	return p
}

// pauseOfArguments returns whether a function of the standard library that does
// not wait itself may wait in an argument: a function, an iterator, a reader or a
// writer.
func (m *Facts) pauseOfArguments(expr *ast.CallExpr, fn *types.Func) api.Pause {
	p := api.PauseNever
	for i, arg := range expr.Args {
		t := m.Info().TypeOf(arg)
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
func (m *Facts) pauseOfFunc(fn *types.Func) api.Pause {
	switch {
	case fn.Pkg() == nil:
		return api.PauseNever // error.Error
	case api.AdapterWaits(fn):
		return api.PauseMay
	case api.IsFunc(fn, api.DesyncPath, "New", "NewMap", "NewMapContext", "Desync.Pending", "Key.Pending", "Object.Pending", "Map.At", "Map.Keys", "Map.Len", "WithName"),
		api.IsFunc(fn, api.FuturesPath, "Future.Done", "Promise.Future"):
		return api.PauseNever
	}
	if p := m.Summary(fn).Pause; p != api.PauseUnknown {
		return p
	}
	return api.PauseOfStandard(fn)
}

// pauseIn returns whether code waits, including code that it runs on its
// goroutine.
func (m *Facts) pauseIn(body ast.Node) api.Pause {
	p := api.PauseNever
	m.Inline(body, Frame{}, func(n ast.Node, _ Frame) { p = p.And(m.PauseOf(n)) })
	return p
}

// Quiet reports whether a call certainly waits for nothing.
func (m *Facts) Quiet(expr *ast.CallExpr) bool { return m.pauseOfCall(expr) == api.PauseNever }

// Synchronizes reports whether a job does anything that could order it and jobs
// of other objects.
func (m *Facts) Synchronizes(lit *ast.FuncLit) bool { return m.pauseIn(lit.Body) != api.PauseNever }

// MayOrder reports whether n can make its goroutine wait for another.
func (m *Facts) MayOrder(n ast.Node) bool {
	if p := m.PauseOf(n); p != api.PauseUnknown {
		return p == api.PauseMay
	}
	expr, ok := n.(*ast.CallExpr)
	if !ok {
		_, loop := n.(*ast.RangeStmt) // over an iterator that is not known
		return loop
	}
	if c := m.Calls[expr]; c != nil {
		return c.Mode != api.Background
	}
	// Of a method of an interface, only the name is known.
	fn := api.Callee(m.Info(), expr)
	return fn != nil && (strings.HasPrefix(fn.Name(), "Wait") || fn.Name() == "Await")
}
