package desyncvet

import (
	"go/ast"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A wait is a place where a goroutine waits for an object, or for a future of
// one.
type wait struct {
	ref    ref
	future ast.Expr // the future or group that is waited for, or nil
	made   ast.Node // the call that queued the job, if it is not any of the object
	via    string   // the function that waits, if it is not the call itself
	ends   bool     // the end of a context may end it
}

// A source is an object of whose jobs one settles a future, or is one of a group.
type source struct {
	ref  ref
	made ast.Node // the call that queued the job, or nil if it may be queued later
}

// waits returns what n waits for. A receive that is one of several in a select
// statement is no wait: another may end it.
func (m *facts) waits(n ast.Node) (ws []wait) {
	if m.polled[n] {
		return nil
	}
	future := func(e ast.Expr, via string) {
		sources := m.sources(e, n)
		for _, s := range sources {
			ws = append(ws, wait{ref: s.ref, future: e, made: s.made, via: via})
		}
		if len(sources) == 0 && via == "" {
			ws = append(ws, wait{future: e})
		}
	}
	for _, r := range m.stageWaits(n) {
		ws = append(ws, wait{ref: r})
	}
	switch n := n.(type) {
	case *ast.UnaryExpr:
		// <-f.Done()
		if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && isReceive(n) && api.IsFunc(api.Callee(m.info(), call), api.FuturesPath, "Future.Done") {
			if sel := api.Receiver(m.info(), call); sel != nil {
				future(sel.X, "")
			}
		}
	case *ast.CallExpr:
		if c := m.calls[n]; c != nil {
			if c.Mode == api.Foreground || c.Mode == api.Waiting {
				for _, r := range m.objects(c) {
					ws = append(ws, wait{ref: r, ends: c.Ctx >= 0 && !m.neverEnds(c.Arg(c.Ctx))})
				}
			}
			if c.Job >= 0 && c.Mode != api.Background {
				if fn := m.function(c.Arg(c.Job)); fn != nil {
					for _, p := range m.summary(fn).Waits {
						if p.Param < 0 {
							ws = append(ws, wait{ref: m.variable(p.Place), via: fn.Name(), ends: p.Ends})
						}
					}
				}
			}
			return ws
		}
		if r, ends, ok := m.wrappedWaits(n); ok {
			return append(ws, wait{ref: r, ends: ends})
		}
		for _, f := range api.Awaited(m.info(), n) {
			future(f, "")
		}
		if fn := api.Callee(m.info(), n); fn != nil {
			s := m.summary(fn)
			for _, p := range s.Waits {
				ws = append(ws, wait{ref: m.at(p.Place, n, fn), via: fn.Name(), ends: p.Ends})
			}
			for _, i := range s.Awaits {
				if arg := api.Argument(m.info(), n, fn, i); arg != nil {
					future(arg, fn.Name())
				}
			}
		}
	}
	return ws
}

// sources returns the objects whose jobs settle the future e, or are those of the
// group e, as far as the function around n shows.
func (m *facts) sources(e ast.Expr, n ast.Node) []source {
	if named := api.NamedOf(m.info().TypeOf(e)); named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == api.Adapters+"group" {
		if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
			e = u.X
		}
		return m.groupJobs(e, n)
	}
	if refs := m.pipeOf(e, nil); len(refs) > 0 {
		var ss []source
		for _, r := range refs {
			if r.known() {
				ss = append(ss, source{r, nil})
			}
		}
		return ss
	}
	if r, made, ok := m.futureOf(e, nil); ok {
		return []source{{r, made}}
	}
	return nil
}

// pipeOf returns the objects whose jobs a future of pipe.In waits for. Its jobs
// are queued one after the other, the last of them at any time.
func (m *model) pipeOf(e ast.Expr, t *trail) []ref {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.only(e, t); init != nil {
			return m.pipeOf(init, t)
		}
	case *ast.CallExpr:
		if c := m.calls[e]; c != nil && c.Name == "pipe.In" {
			return append(m.objects(c), m.stageObjects(e.Args[2])...)
		}
	}
	return nil
}

// futureOf returns the object whose job settles the future e, and the call that
// made the future.
func (m *facts) futureOf(e ast.Expr, t *trail) (r ref, made ast.Node, ok bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.only(e, t); init != nil {
			return m.futureOf(init, t)
		}
	case *ast.CallExpr:
		if c := m.calls[e]; c != nil {
			switch c.Name {
			case "Future", "FutureContext", "After":
				r = m.objects(c)[0]
				return r, e, r.known()
			}
			return ref{}, nil, false
		}
		fn := api.Callee(m.info(), e)
		if fn == nil {
			return ref{}, nil, false
		}
		if api.IsFunc(fn, api.FuturesPath, "Future.Then") {
			if sel := api.Receiver(m.info(), e); sel != nil {
				return m.futureOf(sel.X, t)
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
