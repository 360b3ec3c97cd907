package desyncvet

import (
	"go/ast"
	"go/types"
	"slices"
)

// onlyInJobsOf reports whether all uses of a local variable are in jobs of the
// objects, so that it is as good as a part of their data.
func (m *model) onlyInJobsOf(v *types.Var, own []ref) bool {
	if !isLocal(v) || m.vars[v].param {
		return false
	}
	for n := range m.in.PreorderSeq((*ast.Ident)(nil)) {
		if m.info().Uses[n.(*ast.Ident)] != v {
			continue
		}
		inside := false
		for lit, u := range m.uses {
			if u.kind == useJob && lit.Pos() <= n.Pos() && n.End() <= lit.End() &&
				slices.ContainsFunc(m.objects(u.call), func(r ref) bool { return r.known() && slices.Contains(own, r) }) {
				inside = true
			}
		}
		if !inside {
			return false
		}
	}
	return true
}

// fillLeaks summarizes what becomes of the parameters of a function.
func (m *model) fillLeaks(s *summary, fn *types.Func, decl *ast.FuncDecl) {
	params := make(map[*types.Var]bool)
	sig := fn.Signature()
	if sig.Recv() != nil {
		params[sig.Recv()] = false
	}
	for i := range sig.Params().Len() {
		switch sig.Params().At(i).Type().Underlying().(type) {
		case *types.Pointer, *types.Slice, *types.Map:
			params[sig.Params().At(i)] = false
		}
	}
	if len(params) == 0 {
		return
	}
	f := newFlow(m, decl.Body, params)
	f.sinks(decl, nil, func(e ast.Node, o origin, how string, into *types.Var) {
		i := paramIndex(fn, o.param)
		if i < 0 || f.gone(o) {
			return
		}
		// A value receiver and a slice stand for themselves.
		_, isPointer := o.param.Type().Underlying().(*types.Pointer)
		l := Leak{Param: i, Into: paramIndex(fn, into), How: how, Inner: !o.direct() && !(o.path == "" && !isPointer)}
		if l.Inner {
			l.Keys = o.inner()
			l.Changed = o.changed || m.changes.any(l.Keys, appended)
			if len(l.Keys) == 0 && !l.Changed {
				return
			}
		}
		to := &s.Leaks
		if how == "returned" {
			to = &s.Returns
		} else {
			l.How = "stored or used elsewhere"
		}
		if !slices.ContainsFunc(*to, func(old Leak) bool {
			return old.Param == l.Param && slices.Equal(old.Keys, l.Keys) && old.Into == l.Into && old.Inner == l.Inner
		}) {
			*to = append(*to, l)
		}
	})
}
