package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// onlyInJobsOf reports whether all uses of a local variable are in jobs of the
// objects, so that it is as good as a part of their data.
func (m *Memory) onlyInJobsOf(v *types.Var, own []model.Ref) bool {
	if !model.IsLocal(v) || m.Vars[v].Param {
		return false
	}
	for n := range m.In.PreorderSeq((*ast.Ident)(nil)) {
		if m.Info().Uses[n.(*ast.Ident)] != v {
			continue
		}
		inside := false
		for lit, u := range m.Uses {
			if u.Kind == model.UseJob && lit.Pos() <= n.Pos() && n.End() <= lit.End() &&
				slices.ContainsFunc(m.Objects(u.Call), func(r model.Ref) bool { return r.Known() && slices.Contains(own, r) }) {
				inside = true
			}
		}
		if !inside {
			return false
		}
	}
	return true
}

// Leaks are what of the parameters of a function gets out of it. They are a fact, so
// they reach its callers in other packages too.
type leaks struct {
	Kept     []Leak // what outlives the call
	Returned []Leak // what the result shares the memory of
}

// A Leak says what of a parameter gets out of a function, and how. It is the
// argument itself, or something that is reachable from it.
type Leak struct {
	Param   int
	Into    int // the parameter that it is stored in, or -1
	How     string
	Inner   bool
	Changed bool     // the function's package changes it in place
	Keys    []string // else, what a package that uses it must not change
}

func (*leaks) AFact() {}

func (*leaks) String() string { return "leaks" }

// summarizeLeaks looks at the functions of the package, and looks up those that it
// calls.
func (m *Memory) summarizeLeaks() {
	for fn := range m.Functions() {
		m.LeaksOf(fn)
	}
	for fn, l := range m.leaks {
		if fn.Pkg() == m.pass.Pkg && len(l.Kept)+len(l.Returned) > 0 {
			m.pass.ExportObjectFact(fn, l)
		}
	}
}

// LeaksOf returns the leaks of fn. Of a function that is part of a recursion it may
// not say all.
func (m *Memory) LeaksOf(fn *types.Func) *leaks {
	l, ok := m.leaks[fn]
	if ok {
		return l
	}
	l = new(leaks)
	if m.made {
		return l // no code of the package names fn
	}
	m.leaks[fn] = l
	if decl := m.Decls[fn]; decl != nil {
		m.fillLeaks(l, fn, decl)
	} else if fn.Pkg() != nil && fn.Pkg() != m.pass.Pkg {
		m.pass.ImportObjectFact(fn, l)
	}
	return l
}

// fillLeaks summarizes what becomes of the parameters of a function.
func (m *Memory) fillLeaks(all *leaks, fn *types.Func, decl *ast.FuncDecl) {
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
	f := NewValues(m, decl.Body, params)
	f.Sinks(decl, nil, func(e ast.Node, o Origin, how string, into *types.Var) {
		i := api.ParamIndex(fn, o.param)
		if i < 0 || f.Gone(o) {
			return
		}
		// A value receiver and a slice stand for themselves.
		_, isPointer := o.param.Type().Underlying().(*types.Pointer)
		l := Leak{Param: i, Into: api.ParamIndex(fn, into), How: how, Inner: !o.Direct() && !(o.path == "" && !isPointer)}
		if l.Inner {
			l.Keys = o.Inner()
			l.Changed = o.Changed || m.Changes.Any(l.Keys, Appended)
			if len(l.Keys) == 0 && !l.Changed {
				return
			}
		}
		to := &all.Kept
		if how == "returned" {
			to = &all.Returned
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
