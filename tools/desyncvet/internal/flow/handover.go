package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// An Access is a use of a variable, or of a part of it.
type Access struct {
	V     *types.Var
	Part  string // "" for the whole, else as in v.field, v[i]
	Write bool
	At    ast.Node
}

// A Handover is a background job and what it does with variables of the
// function that hands it over.
type Handover struct {
	Call   *api.Call
	Lit    *ast.FuncLit
	Object model.Ref
	Writes []Access
	Reads  []Access
}

// Handovers returns the background jobs that code on the goroutine of a function
// hands over. It leaves out jobs of an object that the function holds meanwhile,
// since they wait; jobs that are held up until the function lets them go; and
// accesses that a job makes after it has waited itself.
func Handovers(m *model.Facts, body *ast.BlockStmt, own model.Frame) map[*ast.CallExpr]*Handover {
	hs := make(map[*ast.CallExpr]*Handover)
	m.Inline(body, own, func(n ast.Node, f model.Frame) {
		expr, ok := n.(*ast.CallExpr)
		if !ok || m.Calls[expr] == nil || m.Calls[expr].Mode != api.Background || m.Calls[expr].All || m.Calls[expr].Lazy {
			return
		}
		c := m.Calls[expr]
		lit := m.Literal(c.Arg(c.Job))
		if lit == nil || lit.Pos() < body.Pos() || lit.End() > body.End() {
			return
		}
		h := &Handover{Call: c, Lit: lit, Object: m.Object(c)}
		if h.Object.Known() && f.Holds(h.Object) {
			return
		}
		g := gatesOf(m, body, lit)
		part := make(map[ast.Node]ast.Node) // of the left side of an assignment
		m.Inline(lit.Body, model.Frame{}, func(n ast.Node, _ model.Frame) {
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
			for _, a := range accesses(m, n) {
				if a.V.Pos() >= lit.Pos() && a.V.Pos() < lit.End() || !model.IsLocal(a.V) || g.before(whole) {
					continue
				}
				if a.Write {
					h.Writes = append(h.Writes, a)
				} else {
					h.Reads = append(h.Reads, a)
				}
			}
		})
		if len(h.Writes)+len(h.Reads) > 0 && !heldUp(m, body, c, h.Object) {
			hs[expr] = h
		}
	})
	return hs
}

// accesses returns the accesses that the node itself makes: assignments their
// writes, identifiers their reads.
func accesses(m *model.Facts, n ast.Node) (as []Access) {
	write := func(e ast.Expr) {
		if v, part, ok := partOf(m, e); ok {
			as = append(as, Access{V: v, Part: part, Write: true, At: e})
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			for _, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && m.Info().Defs[id] == nil {
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
		if v, ok := m.Info().Uses[n].(*types.Var); ok && !v.IsField() {
			as = append(as, Access{V: v, At: n})
		}
	}
	return as
}

// partOf splits expressions such as v, v.field and v[i] that follow no pointers.
func partOf(m *model.Facts, e ast.Expr) (v *types.Var, part string, ok bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v = m.VarOf(e)
		return v, "", v != nil && !v.IsField() && e.Name != "_"
	case *ast.SelectorExpr:
		if v, part, ok = partOf(m, e.X); ok {
			if _, isPointer := m.Info().TypeOf(e.X).Underlying().(*types.Pointer); isPointer {
				return nil, "", false
			}
			return v, part + "." + e.Sel.Name, true
		}
	case *ast.IndexExpr:
		if v, part, ok = partOf(m, e.X); ok {
			switch m.Info().TypeOf(e.X).Underlying().(type) {
			case *types.Map:
				return v, part + "[]", true
			case *types.Slice, *types.Array:
				if key := m.KeyOf(e.Index); key != model.AnyKey {
					return v, part + "[" + key + "]", true
				}
			}
		}
	}
	return nil, "", false
}
