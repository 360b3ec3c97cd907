package flow

import (
	"go/ast"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// Distinct reports whether two refs are certainly different objects: two
// variables that are objects, or pointers that were each made by a New, or two
// fields of one value.
func Distinct(m *model.Facts, a, b model.Ref) bool {
	if a.Root == b.Root {
		of := func(path string) string { return path[:max(0, strings.LastIndexByte(path, '.'))] }
		return a.Known() && a.Path != b.Path && of(a.Path) == of(b.Path) && isField(a) && isField(b)
	}
	made := func(r model.Ref) bool {
		if !r.Known() || r.Path != "" {
			return false
		}
		if api.IsObject(r.Root.Type()) {
			return true
		}
		expr, ok := m.Vars[r.Root].Init.(*ast.CallExpr)
		return ok && api.IsFunc(api.Callee(m.Info(), expr), api.DesyncPath, "New", "NewMap", "NewMapContext") && m.Vars.Stable(r.Root)
	}
	return made(a) && made(b)
}

// OneAtATime reports whether the jobs of a call may run one at a time although
// their objects differ: because of the limit of a group or a bound.
func OneAtATime(m *model.Facts, body *ast.BlockStmt, h *Handover) bool {
	if strings.HasPrefix(h.Call.Name, "bounded.") {
		return true
	}
	if h.Call.Name != api.GroupGo {
		return false
	}
	group := m.GroupOf(h.Call)
	if !group.Known() || group.Root.Pos() < body.Pos() || group.Root.Pos() >= body.End() {
		return true
	}
	limited := false
	ast.Inspect(body, func(n ast.Node) bool {
		if expr, ok := n.(*ast.CallExpr); ok && api.IsFunc(api.Callee(m.Info(), expr), api.Adapters+"group", "Group.SetLimit") {
			limited = limited || m.Ref(api.Receiver(m.Info(), expr).X) == group
		}
		return !limited
	})
	return limited
}

// isField reports whether r is an object that is itself a field, and not one
// that a field points to.
func isField(r model.Ref) bool {
	if r.Path == "" || strings.Contains(r.Path, "[") {
		return false
	}
	t := model.FieldOf(r.Root.Type(), r.Path)
	return t != nil && api.IsObject(t)
}
