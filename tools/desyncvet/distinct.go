package desyncvet

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// distinct reports whether two refs are certainly different objects: variables
// of objects, or of pointers that were made each by a New, or two fields of one
// value.
func (m *facts) distinct(a, b ref) bool {
	if a.root == b.root {
		of := func(path string) string { return path[:max(0, strings.LastIndexByte(path, '.'))] }
		return a.known() && a.path != b.path && of(a.path) == of(b.path) && isField(a) && isField(b)
	}
	made := func(r ref) bool {
		if !r.known() || r.path != "" {
			return false
		}
		if api.IsObject(r.root.Type()) {
			return true
		}
		expr, ok := m.vars[r.root].init.(*ast.CallExpr)
		return ok && api.IsFunc(api.Callee(m.info(), expr), api.DesyncPath, "New", "NewMap") && m.vars.stable(r.root)
	}
	return made(a) && made(b)
}

// isField reports whether r is an object that is a field, not one that a field
// points to.
func isField(r ref) bool {
	if r.path == "" || strings.Contains(r.path, "[") {
		return false
	}
	t := fieldOf(r.root.Type(), r.path)
	return t != nil && api.IsObject(t)
}

// fieldOf returns the type of the field at the end of a path of fields, or nil.
func fieldOf(t types.Type, path string) types.Type {
	for _, name := range strings.Split(path, ".")[1:] {
		s := structOf(t)
		if s == nil {
			return nil
		}
		t = nil
		for field := range s.Fields() {
			if field.Name() == name {
				t = field.Type()
			}
		}
		if t == nil {
			return nil
		}
	}
	return t
}
