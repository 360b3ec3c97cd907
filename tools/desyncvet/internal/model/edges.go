package model

import (
	"go/ast"
	"go/token"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// An ObjectEdge says that a job of one object waits for another, at a place.
type ObjectEdge struct {
	From, To Ref
	At       ast.Node
	Frame    Frame
	Atomic   bool // both belong to one call for several objects, such as Sync2
}

// Edges returns the edges that n adds if it runs in the frame f.
func (m *Facts) Edges(n ast.Node, f Frame) (es []ObjectEdge) {
	add := func(from, to Ref, atomic bool) {
		if from.Known() && to.Known() && from != to {
			es = append(es, ObjectEdge{from, to, n, f, atomic})
		}
	}
	for _, w := range m.Waits(n) {
		if m.WaitsForSelf(w, f) {
			continue
		}
		for _, h := range f.Held {
			add(h.Ref, w.Ref, false)
		}
	}
	expr, ok := n.(*ast.CallExpr)
	if !ok {
		return es
	}
	if c := m.Calls[expr]; c != nil && c.Recv == "" && c.Object < 0 {
		refs := m.Objects(c)
		for _, a := range refs {
			for _, b := range refs {
				add(a, b, true)
			}
		}
	}
	if fn := api.Callee(m.Info(), expr); fn != nil && m.Calls[expr] == nil {
		for _, e := range m.Summary(fn).Edges {
			add(m.at(e.From, expr, fn), m.at(e.To, expr, fn), e.Atomic)
		}
	}
	return es
}

// Begins returns where the job of the edge is handed over or its goroutine
// started, in the function that the edge is in.
func (e ObjectEdge) Begins() token.Pos {
	if _, ok := e.Frame.Thread.(*ast.FuncDecl); ok {
		return e.At.Pos()
	}
	return e.Frame.Thread.Pos()
}
