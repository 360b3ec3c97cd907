package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// onlyInJobsOf reports whether all uses of a local variable are in jobs of the
// objects, so that the variable is like a part of their data.
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

// leaks has the leaks of a function: memory behind its parameters that gets out of
// it. It is a fact, so that it reaches callers in other packages.
type leaks struct {
	Kept     []Leak // memory that is used after the call
	Returned []Leak // memory that the result shares
}

// A Leak says which memory behind a parameter gets out of a function, and how. That
// is the argument itself, or memory that is reachable from it.
type Leak struct {
	Param   int
	Into    int // the parameter in which it is stored, or -1
	How     string
	Inner   bool
	Changed bool     // the function's package changes it in place
	Keys    []string // otherwise, the keys that a package that uses it must not change
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

// LeaksOf returns the leaks of fn. They may be incomplete if fn is part of a
// recursion.
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

// fillLeaks finds the leaks of the parameters of a function.
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
		// A value receiver and a slice are not followed as pointers.
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
