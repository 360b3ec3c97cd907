package model

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A useKind says how a function literal is used.
type useKind int

const (
	useOther  useKind = iota // it is stored, or passed to an unknown function
	UseInline                // it runs in its place, at once or deferred
	UseGo                    // it runs on a goroutine of its own
	UseJob                   // it is the job of a call
	UseVar                   // it is the only value of a variable
)

type use struct {
	Kind useKind
	Call *api.Call // of a job
}

func (m *Model) useOf(c inspector.Cursor) use {
	kind, i := c.ParentEdge()
	p := c.Parent()
	for kind == edge.ParenExpr_X {
		kind, i = p.ParentEdge()
		p = p.Parent()
	}
	switch kind {
	case edge.CallExpr_Fun:
		if k, _ := p.ParentEdge(); k == edge.GoStmt_Call {
			return use{Kind: UseGo}
		}
		return use{Kind: UseInline}
	case edge.CallExpr_Args:
		expr := p.Node().(*ast.CallExpr)
		if k, _ := p.ParentEdge(); k == edge.GoStmt_Call {
			return use{Kind: useOther}
		}
		if call := m.Calls[expr]; call != nil && call.Job == i {
			return use{Kind: UseJob, Call: call}
		}
		fn := api.Callee(m.Info(), expr)
		switch {
		case startsGoroutine(fn):
			return use{Kind: UseGo}
		case callsAtOnce(fn):
			return use{Kind: UseInline}
		}
	case edge.AssignStmt_Rhs:
		stmt := p.Node().(*ast.AssignStmt)
		if i < len(stmt.Lhs) && len(stmt.Lhs) == len(stmt.Rhs) {
			if id, ok := stmt.Lhs[i].(*ast.Ident); ok {
				if v, ok := m.Info().ObjectOf(id).(*types.Var); ok && m.Vars.Stable(v) {
					return use{Kind: UseVar}
				}
			}
		}
	case edge.ValueSpec_Values:
		return use{Kind: UseVar}
	}
	return use{}
}

// startsGoroutine reports whether fn runs its function argument on another
// goroutine.
func startsGoroutine(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	return api.IsFunc(fn, "sync", "WaitGroup.Go") ||
		api.IsFunc(fn, "time", "AfterFunc") ||
		api.IsFunc(fn, "context", "AfterFunc") ||
		api.IsFunc(fn, "golang.org/x/sync/errgroup", "Group.Go", "Group.TryGo") ||
		api.IsFunc(fn, api.FuturesPath, "Go", "Future.Then", "Future.AfterFunc")
}

// callsAtOnce reports whether fn calls its function argument before it returns,
// on the same goroutine.
func callsAtOnce(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "slices", "sort", "strings", "bytes":
		return true
	}
	return api.IsFunc(fn, "maps", "DeleteFunc", "EqualFunc") ||
		api.IsFunc(fn, "sync", "Once.Do") ||
		api.IsFunc(fn, "path/filepath", "Walk", "WalkDir") ||
		api.IsFunc(fn, "io/fs", "WalkDir")
}

// Literal returns the function literal that e is or that is the only value of
// the variable e, or nil.
func (m *Model) Literal(e ast.Expr) *ast.FuncLit {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return e
	case *ast.Ident:
		if v, ok := m.Info().ObjectOf(e).(*types.Var); ok && m.Vars[v].writes == 1 && m.Vars.Stable(v) {
			lit, _ := m.Vars[v].Init.(*ast.FuncLit)
			return lit
		}
	}
	return nil
}

// Function returns the declared function that e names, or nil.
func (m *Model) Function(e ast.Expr) *types.Func {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		e = x.X
	case *ast.IndexListExpr:
		e = x.X
	}
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	if fn, ok := m.Info().Uses[id].(*types.Func); ok {
		return fn.Origin()
	}
	return nil
}
