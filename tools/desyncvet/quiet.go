package desyncvet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// waitsIn reports whether a loop waits for something after each job.
func (m *model) waitsIn(loop *ast.BlockStmt, h *handover) bool {
	found := false
	m.inline(loop, frame{}, func(n ast.Node, _ frame) {
		if expr, ok := n.(*ast.CallExpr); ok && expr != h.call.expr {
			found = found || m.calls[expr] == nil && !m.quiet(expr, 0) || m.calls[expr] != nil && m.calls[expr].mode != background
		}
		found = found || isReceive(n)
	})
	return found
}

// synchronizes reports whether a job does anything that could order it and jobs
// of other objects.
func (m *model) synchronizes(lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || m.calls[n] != nil || !m.quiet(n, 0)
		case *ast.SendStmt, *ast.SelectStmt:
			found = true
		case *ast.UnaryExpr:
			found = found || isReceive(n)
		}
		return !found
	})
	return found
}

// quiet reports whether a call certainly waits for nothing.
func (m *model) quiet(expr *ast.CallExpr, depth int) bool {
	if tv := m.info().Types[expr.Fun]; tv.IsType() || tv.IsBuiltin() {
		return !m.isBuiltin(expr, "close")
	}
	if lit := m.literal(expr.Fun); lit != nil {
		return true // its body is looked at
	}
	fn := callee(m.info(), expr)
	if fn == nil || fn.Pkg() == nil {
		return fn != nil // error.Error
	}
	switch pkg := fn.Pkg().Path(); pkg {
	case "fmt", "log", "log/slog", "strings", "strconv", "errors", "math", "math/rand", "math/rand/v2", "math/bits",
		"sort", "slices", "maps", "bytes", "unicode", "unicode/utf8", "cmp", "path", "path/filepath", "time", "encoding/json":
		return !(pkg == "time" && fn.Name() == "AfterFunc")
	case "os":
		return true
	case "testing":
		switch fn.Name() {
		case "Error", "Errorf", "Fatal", "Fatalf", "Log", "Logf", "Helper", "Fail", "FailNow", "Name", "Failed", "Context":
			return true
		}
	case desyncPath:
		return slices.Contains([]string{"New", "NewMap", "Desync.Pending", "Map.Len", "WithName"}, strings.TrimPrefix(recvName(fn)+"."+fn.Name(), "."))
	}
	decl := m.decls[fn]
	if decl == nil || depth > 2 {
		return false
	}
	quiet := true
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			quiet = quiet && m.calls[n] == nil && m.quiet(n, depth+1)
		case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt, *ast.FuncLit:
			quiet = false
		case *ast.UnaryExpr:
			quiet = quiet && !isReceive(n)
		case *ast.RangeStmt:
			t := m.info().TypeOf(n.X).Underlying()
			_, isChan := t.(*types.Chan)
			_, isFunc := t.(*types.Signature)
			quiet = quiet && !isChan && !isFunc
		}
		return quiet
	})
	return quiet
}

// distinct reports whether two refs are certainly different objects: variables
// of objects, or of pointers that were made each by a New.
func (m *model) distinct(a, b ref) bool {
	made := func(r ref) bool {
		if !r.known() || r.path != "" {
			return false
		}
		if isObject(r.root.Type()) {
			return true
		}
		expr, ok := m.vars[r.root].init.(*ast.CallExpr)
		return ok && isFunc(callee(m.info(), expr), desyncPath, "New", "NewMap") && m.vars.stable(r.root)
	}
	return a.root != b.root && made(a) && made(b)
}
