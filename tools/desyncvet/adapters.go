package desyncvet

import (
	"go/ast"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// groupJobs returns the jobs of the group e that the function around n hands
// over.
func (m *model) groupJobs(e ast.Expr, n ast.Node) (ss []source) {
	group := m.ref(e)
	decl := m.owner[n]
	if !group.known() || decl == nil {
		return nil
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		if expr, ok := n.(*ast.CallExpr); ok {
			if c := m.calls[expr]; c != nil && c.Name == api.GroupGo && m.ref(c.Arg(0)) == group {
				if r := m.objects(c)[0]; r.known() {
					ss = append(ss, source{r, expr})
				}
			}
		}
		return true
	})
	return ss
}

// inOwnGroup reports whether n waits, in a job of a group, for that group.
func (m *model) inOwnGroup(n ast.Node, f frame) bool {
	expr, ok := n.(*ast.CallExpr)
	if !ok || f.job == nil || f.job.Name != api.GroupGo || !api.IsFunc(api.Callee(m.info(), expr), api.Adapters+"group", "Group.Wait") {
		return false
	}
	group := m.ref(api.Receiver(m.info(), expr).X)
	return group.known() && group == m.ref(f.job.Arg(0))
}

// stageObjects returns the objects whose jobs make what the stage e of a pipe
// yields, or a sequence or channel of its results.
func (m *model) stageObjects(e ast.Expr) []ref { return m.stageObjectsOf(e, nil) }

func (m *model) stageObjectsOf(e ast.Expr, t *trail) []ref {
	info := m.info()
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.only(e, t); init != nil {
			return m.stageObjectsOf(init, t)
		}
	case *ast.CallExpr:
		fn := api.Callee(info, e)
		switch {
		case api.IsFunc(fn, api.Adapters+"pipe", "Stage.All", "Stage.Chan", "Stage.Completed"):
			if sel := api.Receiver(info, e); sel != nil {
				return m.stageObjectsOf(sel.X, t)
			}
		case api.IsFunc(fn, api.Adapters+"pipe", "Values"):
			return m.stageObjectsOf(e.Args[0], t)
		case api.IsFunc(fn, api.Adapters+"pipe", "Through", "ByKey"):
			return append(m.objects(m.calls[e]), m.stageObjectsOf(e.Args[2], t)...)
		}
	}
	return nil
}

// stageWaits returns the objects for whose jobs n waits when it takes results of a
// stage.
func (m *model) stageWaits(n ast.Node) []ref {
	switch n := n.(type) {
	case *ast.RangeStmt:
		return m.stageObjects(n.X)
	case *ast.UnaryExpr:
		if isReceive(n) {
			return m.stageObjects(n.X)
		}
	case *ast.CallExpr:
		fn := api.Callee(m.info(), n)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "slices" && fn.Pkg().Path() != "maps" {
			return nil
		}
		var refs []ref
		for _, arg := range n.Args {
			if _, ok := m.info().TypeOf(arg).Underlying().(*types.Signature); ok {
				refs = append(refs, m.stageObjects(arg)...)
			}
		}
		return refs
	}
	return nil
}
