package model

import (
	"go/ast"
	"go/types"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// groupJobs returns the jobs of the group e that the function around n hands
// over.
func (m *Model) groupJobs(e ast.Expr, n ast.Node) (ss []source) {
	group := m.Ref(e)
	decl := m.Owner[n]
	if !group.Known() || decl == nil {
		return nil
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		if expr, ok := n.(*ast.CallExpr); ok {
			if c := m.Calls[expr]; c != nil && c.Name == api.GroupGo && m.GroupOf(c) == group {
				if r := m.Objects(c)[0]; r.Known() {
					ss = append(ss, source{r, expr})
				}
			}
		}
		return true
	})
	return ss
}

// GroupOf returns the group that a call hands its job to.
func (m *Model) GroupOf(c *api.Call) Ref { return m.Ref(api.Receiver(m.Info(), c.Expr).X) }

// InOwnGroup reports whether n waits, in a job of a group, for that group.
func (m *Model) InOwnGroup(n ast.Node, f Frame) bool {
	expr, ok := n.(*ast.CallExpr)
	if !ok || f.Job == nil || f.Job.Name != api.GroupGo || !api.IsFunc(api.Callee(m.Info(), expr), api.Adapters+"group", "Group.Wait") {
		return false
	}
	group := m.Ref(api.Receiver(m.Info(), expr).X)
	return group.Known() && group == m.GroupOf(f.Job)
}

// stageObjects returns the objects whose jobs make the results of e, which is a
// stage of a pipe, or a sequence or channel of its results.
func (m *Model) stageObjects(e ast.Expr) []Ref { return m.stageObjectsOf(e, nil) }

func (m *Model) stageObjectsOf(e ast.Expr, t *Trail) []Ref {
	info := m.Info()
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.Only(e, t); init != nil {
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
			return append(m.Objects(m.Calls[e]), m.stageObjectsOf(e.Args[2], t)...)
		}
	}
	return nil
}

// stageEnds reports whether a context may end the stage e, or a stage from which it
// takes its items.
func (m *Model) stageEnds(e ast.Expr, t *Trail) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		init, t := m.Only(e, t)
		return init != nil && m.stageEnds(init, t)
	case *ast.CallExpr:
		fn := api.Callee(m.Info(), e)
		switch {
		case api.IsFunc(fn, api.Adapters+"pipe", "Through", "ByKey"):
			return !m.NeverEnds(e.Args[0]) || m.stageEnds(e.Args[2], t)
		case api.IsFunc(fn, api.Adapters+"pipe", "Values"):
			return m.stageEnds(e.Args[0], t)
		case api.IsFunc(fn, api.Adapters+"pipe", "Stage.Chan") && !m.NeverEnds(e.Args[0]):
			return true
		}
		sel := api.Receiver(m.Info(), e)
		return sel != nil && m.stageEnds(sel.X, t)
	}
	return false
}

// stageWaits returns the waits of n for jobs when it takes results of a stage.
func (m *Model) stageWaits(n ast.Node) (ws []Wait) {
	wait := func(e ast.Expr) {
		for _, r := range m.stageObjects(e) {
			ws = append(ws, Wait{Ref: r, Ends: m.stageEnds(e, nil)})
		}
	}
	switch n := n.(type) {
	case *ast.RangeStmt:
		wait(n.X)
	case *ast.UnaryExpr:
		if IsReceive(n) {
			wait(n.X)
		}
	case *ast.CallExpr:
		fn := api.Callee(m.Info(), n)
		if api.BatchWaits(fn) {
			return m.batchWaits(n)
		}
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "slices" && fn.Pkg().Path() != "maps" {
			return nil
		}
		for _, arg := range n.Args {
			if _, ok := m.Info().TypeOf(arg).Underlying().(*types.Signature); ok {
				wait(arg)
			}
		}
	}
	return ws
}

// batchWaits returns the waits of a call of a batch that waits, for jobs of its object.
func (m *Model) batchWaits(call *ast.CallExpr) (ws []Wait) {
	sel := api.Receiver(m.Info(), call)
	if sel == nil {
		return nil
	}
	for _, r := range m.batchObjects(sel.X, nil) {
		ws = append(ws, Wait{Ref: r, Ends: !m.NeverEnds(call.Args[0])})
	}
	return ws
}

// batchObjects returns the object of the batch e.
func (m *Model) batchObjects(e ast.Expr, t *Trail) []Ref {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.Only(e, t); init != nil {
			return m.batchObjects(init, t)
		}
	case *ast.CallExpr:
		if c := m.Calls[e]; c != nil && c.Name == "batch.New" {
			return m.Objects(c)
		}
	}
	return nil
}

// pipeOf returns the objects whose jobs a future of pipe.In waits for. Its jobs
// are queued one after the other, the last of them at any time.
func (m *Model) pipeOf(e ast.Expr, t *Trail) []Ref {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if init, t := m.Only(e, t); init != nil {
			return m.pipeOf(init, t)
		}
	case *ast.CallExpr:
		if c := m.Calls[e]; c != nil && c.Name == "pipe.In" {
			return append(m.Objects(c), m.stageObjects(e.Args[2])...)
		}
	}
	return nil
}
