package model

import (
	"go/ast"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A hold is an object whose job runs.
type hold struct {
	Ref               // unknown if it is zero
	body *ast.FuncLit // the job, or nil if it is a declared function
}

// A Frame says where code runs: in which jobs, and on which goroutine.
type Frame struct {
	Held   []hold    // the objects whose jobs it is part of
	Job    *api.Call // the call whose background job it is part of, or nil
	Thread ast.Node  // the function, literal or go statement that its goroutine began with
}

// Holds reports whether the code is part of a job of r, or of another object that a
// wait for r waits for.
func (f Frame) Holds(r Ref) bool {
	return slices.ContainsFunc(f.Held, func(h hold) bool { return r.WaitsFor(h.Ref) })
}

// holdsAround reports whether n stands in a job of the object r.
func (f Frame) holdsAround(r Ref, n ast.Node) bool {
	return slices.ContainsFunc(f.Held, func(h hold) bool {
		return r.WaitsFor(h.Ref) && h.body != nil && h.body.Pos() <= n.Pos() && n.End() <= h.body.End()
	})
}

// Holding returns the frame of a job of the call on the goroutine of f.
func (f Frame) Holding(refs []Ref, body *ast.FuncLit) Frame {
	f.Held = slices.Clone(f.Held)
	for _, r := range refs {
		f.Held = append(f.Held, hold{r, body})
	}
	return f
}

// Walk visits all code of the package, each piece in the frame in which it runs. A
// literal that is called in its place runs in the frame around it; a foreground job
// runs in a frame that also holds its object; a background job and a goroutine have
// frames of their own.
func (m *Model) Walk(visit func(ast.Node, Frame)) {
	for n := range m.In.PreorderSeq((*ast.FuncDecl)(nil)) {
		if decl := n.(*ast.FuncDecl); decl.Body != nil {
			m.Inline(decl.Body, m.declFrame(decl), visit)
		}
	}
	m.walkLiterals(nil, visit)
}

// walkLiterals visits the literals that begin a frame: those in decl, or all.
func (m *Model) walkLiterals(decl *ast.FuncDecl, visit func(ast.Node, Frame)) {
	body := func(lit *ast.FuncLit) {
		switch u := m.Uses[lit]; {
		case u.Kind == UseJob && u.Call.Mode == api.Background:
			m.inlineLiteral(lit, Frame{Job: u.Call, Thread: lit}.Holding(m.Held(u.Call), lit), visit)
		case u.Kind == UseGo, u.Kind == useOther, u.Kind == UseVar:
			f := Frame{Thread: lit}
			if r, ok := m.wrapped.literals[lit]; ok {
				f = f.Holding([]Ref{r}, lit)
			}
			m.inlineLiteral(lit, f, visit)
		}
	}
	spawn := func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncLit:
			body(n)
		case *ast.GoStmt:
			if m.Literal(n.Call.Fun) == nil {
				visit(n.Call, Frame{Thread: n})
			}
		case *ast.CallExpr:
			// The literal of a variable may be the job of several calls.
			if c := m.Calls[n]; c != nil && c.Job >= 0 && c.Mode == api.Background {
				if lit := m.Literal(c.Arg(c.Job)); lit != nil && m.Uses[lit].Kind == UseVar {
					m.inlineLiteral(lit, Frame{Job: c, Thread: n}.Holding(m.Held(c), lit), visit)
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
	m.In.Preorder([]ast.Node{(*ast.FuncLit)(nil), (*ast.GoStmt)(nil), (*ast.CallExpr)(nil)}, spawn)
}

// Inline visits the code of body and what runs with it on one goroutine.
func (m *Model) Inline(body ast.Node, f Frame, visit func(ast.Node, Frame)) {
	m.descend(body, f, visit, make(map[*ast.FuncLit]bool))
}

// inlineLiteral visits a literal, but not again where it calls itself, since its
// parameters are different there.
func (m *Model) inlineLiteral(lit *ast.FuncLit, f Frame, visit func(ast.Node, Frame)) {
	m.descend(lit.Body, f, visit, map[*ast.FuncLit]bool{lit: true})
}

func (m *Model) descend(body ast.Node, f Frame, visit func(ast.Node, Frame), active map[*ast.FuncLit]bool) {
	enter := func(lit *ast.FuncLit, f Frame) {
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
			switch u := m.Uses[n]; {
			case u.Kind == UseInline:
				enter(n, f)
			case u.Kind == UseJob && u.Call.Mode != api.Background:
				enter(n, f.Holding(m.Held(u.Call), n))
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
				if lit := m.Literal(id); lit != nil {
					enter(lit, f)
				}
			}
			if c := m.Calls[n]; c != nil && c.Job >= 0 && c.Mode != api.Background {
				if id, ok := ast.Unparen(c.Arg(c.Job)).(*ast.Ident); ok {
					if lit := m.Literal(id); lit != nil {
						enter(lit, f.Holding(m.Held(c), lit))
					}
				}
			}
			return true
		}
		visit(n, f)
		return true
	})
}
