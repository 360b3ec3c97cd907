package desyncvet

import (
	"go/ast"
	"go/types"
	"strings"
)

// groupGo is how messages name Go of package group.
const groupGo = "group.Go"

// adapterShape describes the functions of the adapters that take a job, and says
// how messages name them.
func adapterShape(fn *types.Func) (name string, s shape, ok bool) {
	pkg, found := strings.CutPrefix(fn.Pkg().Path(), adapters)
	if !found {
		return "", shape{}, false
	}
	switch name = pkg + "." + fn.Name(); name {
	case groupGo:
		return name, shape{background, -1, -1, 2, 1, false, 1, false}, true
	case "bounded.Async":
		return name, shape{background, 0, -1, 3, 0, false, 1, false}, true
	case "bounded.TryAsync":
		return name, shape{background, -1, -1, 2, 0, false, 0, false}, true
	case "pipe.In":
		return name, shape{background, 0, -1, 4, 1, false, 1, false}, true
	case "pipe.Through":
		return name, shape{background, 0, -1, 4, 1, false, 1, true}, true
	case "pipe.ByKey":
		return name, shape{background, 0, -1, 5, 1, false, 1, true}, true
	}
	return "", shape{}, false
}

// adapterWaits reports whether fn is a function of an adapter that waits.
func adapterWaits(fn *types.Func) bool {
	return isFunc(fn, adapters+"group", "Group.Wait") ||
		isFunc(fn, adapters+"bounded", "Bound.Async") ||
		isFunc(fn, adapters+"asyncslog", "Handler.Handle", "Handler.Flush") ||
		isFunc(fn, adapters+"writer", "Writer.Write", "Writer.Flush", "Writer.Close")
}

// awaited returns the futures and groups that a call waits for.
func awaited(info *types.Info, expr *ast.CallExpr) []ast.Expr {
	fn := callee(info, expr)
	switch {
	case isFunc(fn, futuresPath, "Future.Await"), isFunc(fn, adapters+"group", "Group.Wait"):
		if sel := receiver(info, expr); sel != nil {
			return []ast.Expr{sel.X}
		}
	case isFunc(fn, futuresPath, "All", "AllSettled"):
		if !expr.Ellipsis.IsValid() && len(expr.Args) > 0 {
			return expr.Args[1:]
		}
	}
	return nil
}

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
			if c := m.calls[expr]; c != nil && c.name == groupGo && m.ref(c.arg(0)) == group {
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
	if !ok || f.job == nil || f.job.name != groupGo || !isFunc(callee(m.info(), expr), adapters+"group", "Group.Wait") {
		return false
	}
	group := m.ref(receiver(m.info(), expr).X)
	return group.known() && group == m.ref(f.job.arg(0))
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
		fn := callee(info, e)
		switch {
		case isFunc(fn, adapters+"pipe", "Stage.All", "Stage.Chan", "Stage.Completed"):
			if sel := receiver(info, e); sel != nil {
				return m.stageObjectsOf(sel.X, t)
			}
		case isFunc(fn, adapters+"pipe", "Values"):
			return m.stageObjectsOf(e.Args[0], t)
		case isFunc(fn, adapters+"pipe", "Through", "ByKey"):
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
		fn := callee(m.info(), n)
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
