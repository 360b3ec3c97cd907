package desyncvet

import (
	"go/ast"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A hold is an object whose job runs.
type hold struct {
	ref               // unknown if it is zero
	body *ast.FuncLit // the job, or nil if that is a declared function
}

// A frame says under what circumstances code runs.
type frame struct {
	held   []hold    // the objects whose jobs it is part of
	job    *api.Call // the call whose background job it is part of, or nil
	thread ast.Node  // the function, literal or go statement that its goroutine began with
}

func (f frame) holds(r ref) bool {
	return slices.ContainsFunc(f.held, func(h hold) bool { return r.waitsFor(h.ref) })
}

// holdsAround reports whether n stands in a job of the object r.
func (f frame) holdsAround(r ref, n ast.Node) bool {
	return slices.ContainsFunc(f.held, func(h hold) bool {
		return r.waitsFor(h.ref) && h.body != nil && h.body.Pos() <= n.Pos() && n.End() <= h.body.End()
	})
}

// holding returns the frame of a job of the call on the goroutine of f.
func (f frame) holding(refs []ref, body *ast.FuncLit) frame {
	f.held = slices.Clone(f.held)
	for _, r := range refs {
		f.held = append(f.held, hold{r, body})
	}
	return f
}

// walk visits all code of the package, each piece in the frame in which it
// runs: a literal that is called where it stands in the frame around it, a
// foreground job in one that holds its object too, a background job and a
// goroutine in one of their own.
func (m *model) walk(visit func(ast.Node, frame)) {
	for n := range m.in.PreorderSeq((*ast.FuncDecl)(nil)) {
		if decl := n.(*ast.FuncDecl); decl.Body != nil {
			m.inline(decl.Body, m.declFrame(decl), visit)
		}
	}
	m.walkLiterals(nil, visit)
}

// walkLiterals visits the literals that begin a frame: those in decl, or all.
func (m *model) walkLiterals(decl *ast.FuncDecl, visit func(ast.Node, frame)) {
	body := func(lit *ast.FuncLit) {
		switch u := m.uses[lit]; {
		case u.kind == useJob && u.call.Mode == api.Background:
			m.inlineLiteral(lit, frame{job: u.call, thread: lit}.holding(m.held(u.call), lit), visit)
		case u.kind == useGo, u.kind == useOther, u.kind == useVar:
			f := frame{thread: lit}
			if r, ok := m.wrapped.literals[lit]; ok {
				f = f.holding([]ref{r}, lit)
			}
			m.inlineLiteral(lit, f, visit)
		}
	}
	spawn := func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncLit:
			body(n)
		case *ast.GoStmt:
			if m.literal(n.Call.Fun) == nil {
				visit(n.Call, frame{thread: n})
			}
		case *ast.CallExpr:
			// The literal of a variable may be the job of several calls.
			if c := m.calls[n]; c != nil && c.Job >= 0 && c.Mode == api.Background {
				if lit := m.literal(c.Arg(c.Job)); lit != nil && m.uses[lit].kind == useVar {
					m.inlineLiteral(lit, frame{job: c, thread: n}.holding(m.held(c), lit), visit)
				}
			}
		}
	}
	if decl != nil {
		ast.Inspect(decl, func(n ast.Node) bool {
			spawn(n)
			return true
		})
		return
	}
	m.in.Preorder([]ast.Node{(*ast.FuncLit)(nil), (*ast.GoStmt)(nil), (*ast.CallExpr)(nil)}, spawn)
}

// inline visits the code of body and what runs with it on one goroutine.
func (m *model) inline(body ast.Node, f frame, visit func(ast.Node, frame)) {
	m.descend(body, f, visit, make(map[*ast.FuncLit]bool))
}

// inlineLiteral visits a literal, but not once more where it calls itself: its
// parameters are others then.
func (m *model) inlineLiteral(lit *ast.FuncLit, f frame, visit func(ast.Node, frame)) {
	m.descend(lit.Body, f, visit, map[*ast.FuncLit]bool{lit: true})
}

func (m *model) descend(body ast.Node, f frame, visit func(ast.Node, frame), active map[*ast.FuncLit]bool) {
	enter := func(lit *ast.FuncLit, f frame) {
		if !active[lit] {
			active[lit] = true
			m.descend(lit.Body, f, visit, active)
			delete(active, lit)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			return false
		case *ast.FuncLit:
			switch u := m.uses[n]; {
			case u.kind == useInline:
				enter(n, f)
			case u.kind == useJob && u.call.Mode != api.Background:
				enter(n, f.holding(m.held(u.call), n))
			}
			return false
		case *ast.GoStmt:
			for _, arg := range n.Call.Args {
				m.descend(arg, f, visit, active)
			}
			return false
		case *ast.CallExpr:
			visit(n, f)
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if lit := m.literal(id); lit != nil {
					enter(lit, f)
				}
			}
			if c := m.calls[n]; c != nil && c.Job >= 0 && c.Mode != api.Background {
				if id, ok := ast.Unparen(c.Arg(c.Job)).(*ast.Ident); ok {
					if lit := m.literal(id); lit != nil {
						enter(lit, f.holding(m.held(c), lit))
					}
				}
			}
			return true
		}
		visit(n, f)
		return true
	})
}
