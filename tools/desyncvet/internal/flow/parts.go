package flow

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// every is the index of an access to all elements.
const every = "[*]"

// Conflicts reports whether two accesses are to the same variable, and to parts
// of it that overlap.
func (a Access) Conflicts(b Access) bool {
	if a.V != b.V {
		return false
	}
	as, bs := segments(a.Part), segments(b.Part)
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] && as[i] != every && bs[i] != every {
			return false
		}
	}
	return true
}

// segments splits a part into its fields and indexes.
func segments(part string) (ss []string) {
	for len(part) > 0 {
		end := strings.IndexByte(part, ']') + 1
		if part[0] == '.' {
			if end = strings.IndexAny(part[1:], ".[") + 1; end == 0 {
				end = len(part)
			}
		}
		ss = append(ss, part[:end])
		part = part[end:]
	}
	return ss
}

// A Loop is a loop in which each round has variables of its own.
type Loop struct {
	ast.Node
	Body *ast.BlockStmt
	Vars []*ast.Ident // the variables
}

// asLoop returns the loop that n is, or nil.
func asLoop(n ast.Node) *Loop {
	switch n := n.(type) {
	case *ast.RangeStmt:
		loop := &Loop{Node: n, Body: n.Body}
		for _, e := range []ast.Expr{n.Key, n.Value} {
			if id, ok := e.(*ast.Ident); ok {
				loop.Vars = append(loop.Vars, id)
			}
		}
		return loop
	case *ast.ForStmt:
		loop := &Loop{Node: n, Body: n.Body}
		if init, ok := n.Init.(*ast.AssignStmt); ok {
			for _, e := range init.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					loop.Vars = append(loop.Vars, id)
				}
			}
		}
		return loop
	}
	return nil
}

// Around returns the innermost loop in body that n is in, or nil.
func Around(body, n ast.Node) (loop *Loop) {
	ast.Inspect(body, func(outer ast.Node) bool {
		if l := asLoop(outer); l != nil && l.Body.Pos() <= n.Pos() && n.End() <= l.Body.End() {
			loop = l
		}
		return true
	})
	return loop
}

// loopOf returns the loop in body that declares the variable of an index, or nil.
func loopOf(body ast.Node, index string) (loop *Loop) {
	_, at, ok := strings.Cut(strings.TrimSuffix(index, "]"), "@")
	n, err := strconv.Atoi(at)
	if !ok || err != nil || index[0] != '[' {
		return nil
	}
	ast.Inspect(body, func(outer ast.Node) bool {
		if l := asLoop(outer); l != nil && slices.ContainsFunc(l.Vars, func(id *ast.Ident) bool { return id.Pos() == token.Pos(n) }) {
			loop = l
		}
		return loop == nil
	})
	return loop
}

// Spread returns a part as code elsewhere sees it: if an index belongs to a loop
// and that code is outside of the loop, the part means all elements.
func Spread(body ast.Node, part string, elsewhere ast.Node) string {
	if !strings.Contains(part, "@") {
		return part
	}
	ss := segments(part)
	for i, s := range ss {
		if loop := loopOf(body, s); loop != nil && (elsewhere.End() <= loop.Body.Pos() || loop.End() <= elsewhere.Pos()) {
			ss[i] = every
		}
	}
	return strings.Join(ss, "")
}

// OwnIndex reports whether one of the indexes of a part is the variable of a loop
// around the job, so that each round has an element of its own.
func OwnIndex(body ast.Node, part string, job ast.Node) bool {
	for _, s := range segments(part) {
		if loop := loopOf(body, s); loop != nil && loop.Pos() <= job.Pos() && job.End() <= loop.End() {
			return true
		}
	}
	return false
}
