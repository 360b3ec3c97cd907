package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// ExprText returns the name, for messages, of a value that leaves a job.
func ExprText(n ast.Node) string {
	switch e := n.(type) {
	case *ast.FuncLit:
		return "a function that uses the data"
	case ast.Expr:
		s := types.ExprString(e)
		if len(s) > 40 {
			s = s[:37] + "..."
		}
		return s
	}
	return "the data"
}

// Sinks calls leak for each place of the parameters' memory that may still be
// used after a call of the function fn, a literal or a declaration.
func (f *Values) Sinks(fn ast.Node, own []model.Ref, leak func(e ast.Node, o Origin, how string, into *types.Var)) {
	all := func(e ast.Expr, how string) {
		for _, o := range f.shared(e) {
			leak(e, o, how, nil)
		}
	}
	var results *ast.FieldList
	switch fn := fn.(type) {
	case *ast.FuncLit:
		results = fn.Type.Results
	case *ast.FuncDecl:
		results = fn.Type.Results
	}
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			f.literalSink(n, own, leak)
			u := f.m.Uses[n]
			return u.Kind == model.UseInline || u.Kind == model.UseJob && u.Call.Mode != api.Background
		case *ast.ReturnStmt:
			if !ownReturn(f.m, fn, n) {
				return true
			}
			for _, e := range n.Results {
				all(e, "returned")
			}
			if len(n.Results) == 0 && results != nil {
				for _, field := range results.List {
					for _, name := range field.Names {
						for _, o := range f.resultOrigins(name) {
							leak(name, o, "returned", nil)
						}
					}
				}
			}
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if model.IsBlank(lhs) || len(n.Lhs) != len(n.Rhs) || n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
					continue
				}
				if to := f.m.RootVar(lhs); to != nil && !f.inside(to) && !f.isResult(to, results) {
					for _, o := range f.shared(n.Rhs[i]) {
						if o.param != to && !f.m.onlyInJobsOf(to, own) {
							leak(n.Rhs[i], o, "stored in "+ExprText(lhs), to)
						}
					}
				}
			}
		case *ast.SendStmt:
			if v := f.m.RootVar(n.Chan); v == nil || !f.inside(v) {
				all(n.Value, "sent to "+ExprText(n.Chan))
			}
		case *ast.GoStmt:
			if f.waitsAfter(n) {
				return true
			}
			for _, arg := range n.Call.Args {
				all(arg, "used by a goroutine")
			}
			if sel := api.Receiver(f.m.Info(), n.Call); sel != nil {
				all(sel, "used by a goroutine")
			}
		case *ast.CallExpr:
			f.callSink(n, own, all, leak)
		}
		return true
	})
}

// ownReturn reports whether a return statement belongs to fn and not to a
// literal in it.
func ownReturn(m *Memory, fn ast.Node, r *ast.ReturnStmt) bool {
	own := true
	for lit := range m.Uses {
		if lit != fn && fn.Pos() <= lit.Pos() && lit.End() <= fn.End() && lit.Pos() <= r.Pos() && r.End() <= lit.End() {
			own = false
		}
	}
	return own
}

func (f *Values) isResult(v *types.Var, results *ast.FieldList) bool {
	return results != nil && results.Pos() <= v.Pos() && v.Pos() < results.End()
}

// resultOrigins is eval for a named result, which is not inside the body.
func (f *Values) resultOrigins(name *ast.Ident) (os []Origin) {
	v, _ := f.m.Info().Defs[name].(*types.Var)
	writes := 0
	ast.Inspect(f.body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && len(s.Lhs) == len(s.Rhs) {
			for i, lhs := range s.Lhs {
				if f.m.VarOf(lhs) == v {
					writes++
					os = append(os, f.shared(s.Rhs[i])...)
				}
			}
		}
		return true
	})
	if writes != 1 {
		return nil
	}
	return os
}

// literalSink handles a literal that runs later, or elsewhere.
func (f *Values) literalSink(lit *ast.FuncLit, own []model.Ref, leak func(ast.Node, Origin, string, *types.Var)) {
	u := f.m.Uses[lit]
	var how string
	switch {
	case u.Kind == model.UseGo:
		how = "used by a goroutine"
	case u.Kind == model.UseJob && u.Call.Mode == api.Background:
		refs := f.m.Objects(u.Call)
		for _, r := range refs {
			if !r.Known() || slices.Contains(own, r) {
				return
			}
		}
		how = "used by a job of " + refs[0].String()
	default:
		return
	}
	if f.waitsAfter(lit) {
		return
	}
	for _, o := range f.captured(lit) {
		leak(lit, o, how, nil)
	}
}

// waitsAfter reports whether the function waits for anything after n.
func (f *Values) waitsAfter(n ast.Node) bool {
	found := false
	ast.Inspect(f.body, func(after ast.Node) bool {
		if after != nil && (after.Pos() >= n.End() || inDefer(f.body, after)) && !found {
			switch after.(type) {
			case *ast.SelectStmt:
				found = true
			default:
				found = f.m.MayOrder(after)
			}
		}
		return !found
	})
	return found
}

func inDefer(body *ast.BlockStmt, n ast.Node) bool {
	found := false
	ast.Inspect(body, func(d ast.Node) bool {
		if d, ok := d.(*ast.DeferStmt); ok && d.Pos() <= n.Pos() && n.End() <= d.End() {
			found = true
		}
		return !found
	})
	return found
}

// callSink handles functions that keep their arguments.
func (f *Values) callSink(n *ast.CallExpr, own []model.Ref, all func(ast.Expr, string), leak func(ast.Node, Origin, string, *types.Var)) {
	info := f.m.Info()
	if to, from := copyInto(f.m, n); to != nil {
		if root := f.m.RootVar(to); root != nil && !f.inside(root) && !f.m.onlyInJobsOf(root, own) {
			into := f.eval(to)
			for _, o := range f.copied(from) {
				if !slices.ContainsFunc(into, func(to Origin) bool { return to.param == o.param }) {
					leak(from, o, "copied to "+ExprText(to), root)
				}
			}
		}
	}
	fn := api.Callee(info, n)
	if fn == nil || f.m.Calls[n] != nil {
		return
	}
	keeps := fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && strings.HasPrefix(fn.Name(), "Store") ||
		api.IsFunc(fn, "sync", "Map.Store", "Map.Swap", "Map.LoadOrStore", "Pool.Put")
	if sel := api.Receiver(info, n); keeps && sel != nil {
		if v := f.m.RootVar(sel.X); v != nil && !f.inside(v) && !f.params[v] {
			for _, arg := range n.Args {
				all(arg, "stored in "+ExprText(sel.X))
			}
		}
	}
	for _, l := range f.m.LeaksOf(fn).Kept {
		arg := api.Argument(info, n, fn, l.Param)
		if arg == nil {
			continue
		}
		var into []Origin
		if l.Into >= 0 {
			to := api.Argument(info, n, fn, l.Into)
			if to == nil || f.inside(f.m.RootVar(to)) {
				continue
			}
			into = f.eval(to)
		}
		for _, o := range f.eval(arg) {
			if slices.ContainsFunc(into, func(to Origin) bool { return to.param == o.param }) {
				continue // it stays in the data
			}
			if l.Inner {
				o.path += ".()"
				o.pointer, o.Changed, o.keys = false, l.Changed, l.Keys
				o.typ = types.NewSlice(types.Typ[types.Int])
			}
			leak(arg, o, l.How+" by "+fn.Name(), nil)
		}
	}
}
