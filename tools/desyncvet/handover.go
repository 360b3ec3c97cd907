package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// An access is a use of a variable, or of a part of it.
type access struct {
	v     *types.Var
	part  string // "" for the whole, else as in v.field, v[i]
	write bool
	adds  bool // it also reads what it writes
	at    ast.Node
}

// A handover is a background job and what it does with variables of the
// function that hands it over.
type handover struct {
	call   *call
	lit    *ast.FuncLit
	object ref
	writes []access
	reads  []access
}

// handovers returns the background jobs that code on the goroutine of a function
// hands over. Those of an object that it holds meanwhile are left out, for they
// wait.
func (m *model) handovers(body *ast.BlockStmt, own frame) map[*ast.CallExpr]*handover {
	hs := make(map[*ast.CallExpr]*handover)
	m.inline(body, own, func(n ast.Node, f frame) {
		expr, ok := n.(*ast.CallExpr)
		if !ok || m.calls[expr] == nil || m.calls[expr].mode != background || m.calls[expr].all {
			return
		}
		c := m.calls[expr]
		lit := m.literal(c.arg(c.job))
		if lit == nil || lit.Pos() < body.Pos() || lit.End() > body.End() {
			return
		}
		h := &handover{call: c, lit: lit, object: m.objects(c)[0]}
		if h.object.known() && f.holds(h.object) {
			return
		}
		m.inline(lit.Body, frame{}, func(n ast.Node, _ frame) {
			for _, a := range m.accesses(n) {
				if a.v.Pos() >= lit.Pos() && a.v.Pos() < lit.End() || !isLocal(a.v) {
					continue
				}
				if a.write {
					h.writes = append(h.writes, a)
				} else {
					h.reads = append(h.reads, a)
				}
			}
		})
		if len(h.writes)+len(h.reads) > 0 {
			hs[expr] = h
		}
	})
	return hs
}

// accesses returns the accesses that the node itself makes: assignments their
// writes, identifiers their reads.
func (m *model) accesses(n ast.Node) (as []access) {
	write := func(e ast.Expr, adds bool) {
		if v, part, ok := m.part(e); ok {
			as = append(as, access{v: v, part: part, write: true, adds: adds, at: e})
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			for _, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && m.info().Defs[id] == nil {
					write(lhs, false) // x, err := with an err from before
				}
			}
			return as
		}
		for i, lhs := range n.Lhs {
			adds := n.Tok != token.ASSIGN
			if v := m.rootVar(lhs); v != nil && len(n.Rhs) == len(n.Lhs) {
				adds = adds || m.uses1(n.Rhs[i], v)
			}
			write(lhs, adds)
		}
	case *ast.IncDecStmt:
		write(n.X, true)
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

// conflicts reports whether two accesses may touch the same memory, and
// certainly do if they touch the same variable.
func (a access) conflicts(b access) bool {
	return a.v == b.v && (strings.HasPrefix(a.part, b.part) || strings.HasPrefix(b.part, a.part))
}
