package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// An access is a use of a variable, or of a part of it.
type access struct {
	v     *types.Var
	part  string // "" for the whole, else as in v.field, v[i]
	write bool
	at    ast.Node
}

// A handover is a background job and what it does with variables of the
// function that hands it over.
type handover struct {
	call   *api.Call
	lit    *ast.FuncLit
	object ref
	writes []access
	reads  []access
}

// handovers returns the background jobs that code on the goroutine of a function
// hands over. Left out are those of an object that it holds meanwhile, for they
// wait; those that something else holds up until the function lets them go; and
// what a job does after it has waited itself.
func (m *facts) handovers(body *ast.BlockStmt, own frame) map[*ast.CallExpr]*handover {
	hs := make(map[*ast.CallExpr]*handover)
	m.inline(body, own, func(n ast.Node, f frame) {
		expr, ok := n.(*ast.CallExpr)
		if !ok || m.calls[expr] == nil || m.calls[expr].Mode != api.Background || m.calls[expr].All || m.calls[expr].Lazy {
			return
		}
		c := m.calls[expr]
		lit := m.literal(c.Arg(c.Job))
		if lit == nil || lit.Pos() < body.Pos() || lit.End() > body.End() {
			return
		}
		h := &handover{call: c, lit: lit, object: m.objects(c)[0]}
		if h.object.known() && f.holds(h.object) {
			return
		}
		g := m.gatesOf(body, lit)
		part := make(map[ast.Node]ast.Node) // of the left side of an assignment
		m.inline(lit.Body, frame{}, func(n ast.Node, _ frame) {
			if s, ok := n.(*ast.AssignStmt); ok {
				for _, lhs := range s.Lhs {
					ast.Inspect(lhs, func(n ast.Node) bool {
						part[n] = s
						return true
					})
				}
			}
			whole := n
			if s, ok := part[n]; ok {
				whole = s
			}
			for _, a := range m.accesses(n) {
				if a.v.Pos() >= lit.Pos() && a.v.Pos() < lit.End() || !isLocal(a.v) || g.before(whole) {
					continue
				}
				if a.write {
					h.writes = append(h.writes, a)
				} else {
					h.reads = append(h.reads, a)
				}
			}
		})
		if len(h.writes)+len(h.reads) > 0 && !m.heldUp(body, c, h.object) {
			hs[expr] = h
		}
	})
	return hs
}

// accesses returns the accesses that the node itself makes: assignments their
// writes, identifiers their reads.
func (m *model) accesses(n ast.Node) (as []access) {
	write := func(e ast.Expr) {
		if v, part, ok := m.part(e); ok {
			as = append(as, access{v: v, part: part, write: true, at: e})
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			for _, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && m.info().Defs[id] == nil {
					write(lhs) // x, err := with an err from before
				}
			}
			return as
		}
		for _, lhs := range n.Lhs {
			write(lhs)
		}
	case *ast.IncDecStmt:
		write(n.X)
	case *ast.Ident:
		if v, ok := m.info().Uses[n].(*types.Var); ok && !v.IsField() {
			as = append(as, access{v: v, at: n})
		}
	}
	return as
}

// part splits v, v.field, v[i] and the like, as long as pointers are not
// followed.
func (m *model) part(e ast.Expr) (v *types.Var, part string, ok bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v = m.varOf(e)
		return v, "", v != nil && !v.IsField() && e.Name != "_"
	case *ast.SelectorExpr:
		if v, part, ok = m.part(e.X); ok {
			if _, isPointer := m.info().TypeOf(e.X).Underlying().(*types.Pointer); isPointer {
				return nil, "", false
			}
			return v, part + "." + e.Sel.Name, true
		}
	case *ast.IndexExpr:
		if v, part, ok = m.part(e.X); ok {
			switch m.info().TypeOf(e.X).Underlying().(type) {
			case *types.Map:
				return v, part + "[]", true
			case *types.Slice, *types.Array:
				if key := m.keyOf(e.Index); key != anyKey {
					return v, part + "[" + key + "]", true
				}
			}
		}
	}
	return nil, "", false
}
