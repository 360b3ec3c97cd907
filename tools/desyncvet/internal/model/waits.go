package model

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A Wait is a place where a goroutine waits for an object, or for a future of
// one.
type Wait struct {
	Ref    Ref
	Future ast.Expr // the future or group that is waited for, or nil
	Made   ast.Node // the call that queued the job; nil if it may be any job of the object
	Via    string   // the function that waits, if the call does not wait itself
	Ends   bool     // the end of a context may end it
}

// A source is an object with a job that settles a future, or that belongs to a
// group.
type source struct {
	ref  Ref
	made ast.Node // the call that queued the job, or nil if it may be queued later
}

// Waits returns the waits of n. A receive that is one of several in a select
// statement is not a wait: another clause may end it.
func (m *Facts) Waits(n ast.Node) (ws []Wait) {
	if m.Polled[n] {
		return nil
	}
	ws = m.stageWaits(n)
	future := func(e ast.Expr, via string) {
		sources := m.sources(e, n)
		for _, s := range sources {
			ws = append(ws, Wait{Ref: s.ref, Future: e, Made: s.made, Via: via})
		}
		if len(sources) == 0 && via == "" {
			ws = append(ws, Wait{Future: e})
		}
	}
	switch n := n.(type) {
	case *ast.UnaryExpr:
		// <-f.Done()
		if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && IsReceive(n) && api.IsFunc(api.Callee(m.Info(), call), api.FuturesPath, "Future.Done") {
			if sel := api.Receiver(m.Info(), call); sel != nil {
				future(sel.X, "")
			}
		}
	case *ast.CallExpr:
		if c := m.Calls[n]; c != nil {
			if c.Mode == api.Foreground || c.Mode == api.Waiting {
				for _, r := range m.Objects(c) {
					ws = append(ws, Wait{Ref: r, Ends: c.Ctx >= 0 && !m.NeverEnds(c.Arg(c.Ctx))})
				}
			}
			if c.Job >= 0 && c.Mode != api.Background {
				if fn := m.Function(c.Arg(c.Job)); fn != nil {
					for _, p := range m.Summary(fn).Waits {
						if p.Param < 0 {
							ws = append(ws, Wait{Ref: m.Variable(p.Place), Via: fn.Name(), Ends: p.Ends})
						}
					}
				}
			}
			return ws
		}
		if r, ends, ok := m.wrappedWaits(n); ok {
			return append(ws, Wait{Ref: r, Ends: ends})
		}
		for _, f := range api.Awaited(m.Info(), n) {
			future(f, "")
		}
		if fn := api.Callee(m.Info(), n); fn != nil {
			s := m.Summary(fn)
			for _, p := range s.Waits {
				ws = append(ws, Wait{Ref: m.at(p.Place, n, fn), Via: fn.Name(), Ends: p.Ends})
			}
			for _, i := range s.Awaits {
				if arg := api.Argument(m.Info(), n, fn, i); arg != nil {
					future(arg, fn.Name())
				}
			}
		}
	}
	return ws
}

// sources returns the objects whose jobs settle the future e, or belong to the
// group e, as far as the function around n shows them.
func (m *Facts) sources(e ast.Expr, n ast.Node) (ss []source) {
	if named := api.NamedOf(m.Info().TypeOf(e)); named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == api.Adapters+"group" {
		if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
			e = u.X
		}
		return m.groupJobs(e, n)
	}
	if refs := m.pipeOf(e, nil); len(refs) > 0 {
		for _, r := range refs {
			if r.Known() {
				ss = append(ss, source{r, nil})
			}
		}
		return ss
	}
	refs, made := m.FutureOf(e, nil)
	for _, r := range refs {
		ss = append(ss, source{r, made})
	}
	return ss
}

// FutureOf returns the objects whose job settles the future e, those that are known, and
// the call that made the future.
func (m *Facts) FutureOf(e ast.Expr, t *Trail) (refs []Ref, made ast.Node) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.Only(e, t); init != nil {
			return m.FutureOf(init, t)
		}
	case *ast.CallExpr:
		if c := m.Calls[e]; c != nil {
			switch c.Name {
			case "Future", "FutureContext", "FutureIfPresent", "After", "Future2", "FutureAll",
				"bounded.Future", "bounded.Limit.Future", "cond.When", "retry.Future":
				return known(m.Objects(c)...), e
			}
			return nil, nil
		}
		fn := api.Callee(m.Info(), e)
		if fn == nil {
			return nil, nil
		}
		if api.IsFunc(fn, api.FuturesPath, "Future.Then") {
			if sel := api.Receiver(m.Info(), e); sel != nil {
				return m.FutureOf(sel.X, t)
			}
		}
		if p := m.Summary(fn).Future; p != nil {
			return known(m.at(*p, e, fn)), e
		}
	}
	return nil, nil
}

func known(refs ...Ref) []Ref {
	return slices.DeleteFunc(refs, func(r Ref) bool { return !r.Known() })
}

// RingOnPurpose reports whether the function around n makes rings on purpose:
// it looks at the error that reports them, or is a test of a call that gives
// up.
func (m *Facts) RingOnPurpose(n ast.Node, f Frame) bool {
	owner := OwnerNode(n, f)
	if m.Mentions(owner, api.DesyncPath, "DeadlockError") {
		return true
	}
	expr, ok := n.(*ast.CallExpr)
	return ok && m.Calls[expr] != nil && m.Calls[expr].Ctx >= 0 && m.InTest(n) && m.Mentions(owner, api.DesyncPath, "ErrNotRun")
}

// EndOf returns the end of the part of n that waits. For a loop that is the
// head.
func EndOf(n ast.Node) token.Pos {
	if r, ok := n.(*ast.RangeStmt); ok {
		return r.X.End()
	}
	return n.End()
}

// IsGroupGo reports whether n hands a job to a group.
func (m *Model) IsGroupGo(n ast.Node) bool {
	expr, ok := n.(*ast.CallExpr)
	return ok && m.Calls[expr] != nil && m.Calls[expr].Name == api.GroupGo
}

// WaitsForSelf reports whether w waits for an object that the frame holds. It
// may wait for a future whose job was queued before the waiting job.
func (m *Facts) WaitsForSelf(w Wait, f Frame) bool {
	if w.Made != nil {
		return f.holdsAround(w.Ref, w.Made)
	}
	return f.Holds(w.Ref)
}
