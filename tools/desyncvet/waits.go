package desyncvet

import (
	"go/ast"
	"go/types"
)

// A wait is a place where a goroutine waits for an object, or for a future of
// one.
type wait struct {
	ref    ref
	future ast.Expr // the future that is waited for, or nil
	made   ast.Node // the call that made the future, or nil
	via    string   // the function that waits, if it is not the call itself
}

// waits returns what n waits for.
func (m *model) waits(n ast.Node) (ws []wait) {
	future := func(e ast.Expr, via string) {
		r, made, ok := m.futureOf(e)
		if ok || via == "" {
			ws = append(ws, wait{ref: r, future: e, made: made, via: via})
		}
	}
	switch n := n.(type) {
	case *ast.UnaryExpr:
		// <-f.Done()
		if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && isReceive(n) && isFunc(callee(m.info(), call), futuresPath, "Future.Done") {
			if sel := receiver(m.info(), call); sel != nil {
				future(sel.X, "")
			}
		}
	case *ast.CallExpr:
		if c := m.calls[n]; c != nil {
			if c.mode == foreground || c.mode == waiting {
				for _, r := range m.objects(c) {
					ws = append(ws, wait{ref: r})
				}
			}
			if c.job >= 0 && c.mode != background {
				if fn := m.function(c.arg(c.job)); fn != nil {
					for _, p := range m.summary(fn).Waits {
						if p.Param < 0 {
							ws = append(ws, wait{ref: m.variable(p), via: fn.Name()})
						}
					}
				}
			}
			return ws
		}
		for _, f := range awaited(m.info(), n) {
			future(f, "")
		}
		if fn := callee(m.info(), n); fn != nil {
			s := m.summary(fn)
			for _, p := range s.Waits {
				ws = append(ws, wait{ref: m.at(p, n, fn), via: fn.Name()})
			}
			for _, i := range s.Awaits {
				if arg := argument(m.info(), n, fn, i); arg != nil {
					future(arg, fn.Name())
				}
			}
		}
	}
	return ws
}

// futureOf returns the object whose job settles the future e, and the call that
// made the future.
func (m *model) futureOf(e ast.Expr) (r ref, made ast.Node, ok bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := m.varOf(e)
		if v == nil || !m.vars.stable(v) || m.vars[v].init == nil || m.resolving[v] {
			return ref{}, nil, false
		}
		m.resolving[v] = true
		defer delete(m.resolving, v)
		return m.futureOf(m.vars[v].init)
	case *ast.CallExpr:
		if c := m.calls[e]; c != nil {
			switch c.name {
			case "Future", "FutureContext", "After":
				r = m.objects(c)[0]
				return r, e, r.known()
			}
			return ref{}, nil, false
		}
		fn := callee(m.info(), e)
		if fn == nil {
			return ref{}, nil, false
		}
		if isFunc(fn, futuresPath, "Future.Then") {
			if sel := receiver(m.info(), e); sel != nil {
				return m.futureOf(sel.X)
			}
		}
		if p := m.summary(fn).Future; p != nil {
			r = m.at(*p, e, fn)
			return r, e, r.known()
		}
	}
	return ref{}, nil, false
}

func (m *model) varOf(e ast.Expr) *types.Var {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		v, _ := m.info().ObjectOf(id).(*types.Var)
		return v
	}
	return nil
}
