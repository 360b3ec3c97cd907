package model

import (
	"go/ast"
)

// HasDefault reports whether a select statement has a default, so that it never
// waits.
func HasDefault(s *ast.SelectStmt) bool {
	for _, clause := range s.Body.List {
		if clause.(*ast.CommClause).Comm == nil {
			return true
		}
	}
	return false
}

// Polled returns the receives and sends of select statements in body that have a
// default or another clause, and so do not wait for the receive or send alone.
func Polled(body ast.Node) map[ast.Node]bool {
	nodes := make(map[ast.Node]bool)
	ast.Inspect(body, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectStmt)
		if !ok || len(s.Body.List) < 2 {
			return true
		}
		for _, clause := range s.Body.List {
			switch comm := clause.(*ast.CommClause).Comm.(type) {
			case *ast.SendStmt:
				nodes[comm] = true
			case *ast.ExprStmt:
				nodes[ast.Unparen(comm.X)] = true
			case *ast.AssignStmt:
				nodes[ast.Unparen(comm.Rhs[0])] = true
			}
		}
		return true
	})
	return nodes
}
