package desyncvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A ref is an object as the source names it: a variable and a path of fields
// and elements from there. Two equal refs in one function are one object. The
// zero ref stands for an object that cannot be told.
type ref struct {
	root *types.Var
	path string // ".field", "[constant]" and "[variable@position]", pointers followed
	key  string // for a Map the key, "" for the map itself
}

func (r ref) known() bool { return r.root != nil }

// String is how messages name the object.
func (r ref) String() string {
	s := r.root.Name() + r.path
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			break
		}
		s = s[:at] + s[at+strings.IndexByte(s[at:], ']'):]
	}
	return s
}

// anyKey is the key of a map's object that cannot be told.
const anyKey = "?"

// waitsFor reports whether waiting for r means to wait for the held object.
func (r ref) waitsFor(held ref) bool {
	if !r.known() || r.root != held.root || r.path != held.path {
		return false
	}
	return r.key == held.key && r.key != anyKey || r.key == "" // the map waits for all of its objects
}

// objects returns the objects in whose queues a call takes its place. Unknown
// ones are zero.
func (m *model) objects(c *api.Call) []ref {
	switch {
	case c.Recv == "Desync":
		return []ref{m.ref(api.Receiver(m.info(), c.Expr).X)}
	case c.Recv == "Map":
		r := m.ref(api.Receiver(m.info(), c.Expr).X)
		if r.known() && !c.All {
			r.key = m.keyOf(c.Arg(c.Key))
		}
		return []ref{r}
	case c.Object >= 0:
		r := m.ref(c.Arg(c.Object))
		if r.known() && c.Name == "pipe.ByKey" {
			r.key = anyKey
		}
		return []ref{r}
	case c.Name == "Sync2":
		return []ref{m.ref(c.Arg(0)), m.ref(c.Arg(1))}
	case c.Name == "DoAll":
		lit, ok := ast.Unparen(c.Arg(0)).(*ast.CompositeLit)
		if !ok {
			return []ref{{}}
		}
		var refs []ref
		for _, elt := range lit.Elts {
			refs = append(refs, m.ref(elt))
		}
		return refs
	}
	return nil
}

// held returns the objects that the job of a call holds while it runs. Range
// and EvictIdle tell their jobs the key.
func (m *model) held(c *api.Call) []ref {
	refs := m.objects(c)
	if !c.All || !refs[0].known() {
		return refs
	}
	refs[0].key = anyKey
	if lit, ok := ast.Unparen(c.Arg(c.Job)).(*ast.FuncLit); ok {
		if key := api.ParamVar(m.info(), lit.Type, 0); key != nil {
			refs[0].key = varKey(key)
		}
	}
	return refs
}

// ref resolves an expression of an object's type, or of a pointer to it.
func (m *model) ref(e ast.Expr) ref { return m.resolve(e, nil) }

func (m *model) resolve(e ast.Expr, t *trail) ref {
	info := m.info()
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		return m.resolve(e.X, t)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return m.resolve(e.X, t)
		}
	case *ast.Ident:
		v, ok := info.ObjectOf(e).(*types.Var)
		if !ok || v.IsField() {
			return ref{}
		}
		return m.refOf(v, t)
	case *ast.SelectorExpr:
		if v, ok := info.Uses[e.Sel].(*types.Var); ok && !v.IsField() {
			return m.refOf(v, t) // of another package
		}
		sel := info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal {
			return ref{}
		}
		base := m.resolve(e.X, t)
		if !base.known() || m.reassigned(e, sel.Obj().(*types.Var)) {
			return ref{}
		}
		base.path += fieldPath(sel)
		return base
	case *ast.IndexExpr:
		if tv := info.Types[e.X]; !tv.IsValue() {
			return ref{}
		}
		base := m.resolve(e.X, t)
		key := m.keyOf(e.Index)
		if !base.known() || key == anyKey {
			return ref{}
		}
		base.path += "[" + key + "]"
		return base
	}
	return ref{}
}

// refOf resolves a variable, through the variables that it was made from.
func (m *model) refOf(v *types.Var, t *trail) ref {
	if !m.vars.stable(v) {
		return ref{}
	}
	if _, isPointer := v.Type().Underlying().(*types.Pointer); isPointer && isLocal(v) && !t.has(v) {
		if init := m.vars[v].init; init != nil {
			if r := m.resolve(init, &trail{v, t}); r.known() {
				return r
			}
		}
	}
	return ref{root: v}
}

// keyOf returns a text that is the same for two keys only if they are equal,
// as long as the variables in it stay as they are, or anyKey.
func (m *model) keyOf(e ast.Expr) string {
	if e == nil {
		return anyKey
	}
	if tv := m.info().Types[e]; tv.Value != nil {
		return tv.Value.ExactString()
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if v, ok := m.info().ObjectOf(id).(*types.Var); ok && m.vars.stable(v) {
			return varKey(v)
		}
	}
	return anyKey
}

func varKey(v *types.Var) string { return fmt.Sprintf("%s@%d", v.Name(), v.Pos()) }

// fieldPath writes a selection with the embedded fields that it passes.
func fieldPath(sel *types.Selection) string {
	path := ""
	t := sel.Recv()
	for _, i := range sel.Index() {
		t = types.Unalias(t)
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			break
		}
		path += "." + s.Field(i).Name()
		t = s.Field(i).Type()
	}
	return path
}

func isLocal(v *types.Var) bool {
	return v.Pkg() != nil && !v.IsField() && v.Parent() != v.Pkg().Scope()
}
