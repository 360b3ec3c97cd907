package model

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A Ref is an object as the source names it: a variable and a path of fields
// and elements from there. Two equal refs in one function are the same object.
// The zero Ref is an unknown object.
type Ref struct {
	Root *types.Var
	Path string // ".field", "[constant]" and "[variable@position]", pointers followed
	Key  string // for a Map the key, "" for the map itself
}

// Known reports whether it is known which object r is.
func (r Ref) Known() bool { return r.Root != nil }

// String returns the name of the object for messages.
func (r Ref) String() string {
	s := r.Root.Name() + r.Path
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			break
		}
		s = s[:at] + s[at+strings.IndexByte(s[at:], ']'):]
	}
	return s
}

// AnyKey is the unknown key of a map's object.
const AnyKey = "?"

// WaitsFor reports whether a wait for r is a wait for the held object.
func (r Ref) WaitsFor(held Ref) bool {
	if !r.Known() || r.Root != held.Root || r.Path != held.Path {
		return false
	}
	return r.Key == held.Key && r.Key != AnyKey || r.Key == "" // the map waits for all of its objects
}

// Objects returns the objects in whose queues a call takes its place. Unknown
// ones are zero.
func (m *Model) Objects(c *api.Call) (refs []Ref) {
	switch {
	case c.Recv != "" && c.Recv != "adapters":
		return []Ref{m.Ref(api.Receiver(m.Info(), c.Expr).X)}
	case c.Object >= 0:
		r := m.Ref(c.Arg(c.Object))
		if r.Known() && c.Name == "pipe.ByKey" {
			r.Key = AnyKey
		}
		return []Ref{r}
	case len(c.Several) == 0 && c.List < 0:
		return []Ref{m.condObject(api.Receiver(m.Info(), c.Expr))}
	case len(c.Several) > 0:
		for _, i := range c.Several {
			refs = append(refs, m.Ref(c.Arg(i)))
		}
	case c.List >= 0:
		lit, ok := ast.Unparen(c.Arg(c.List)).(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return []Ref{{}}
		}
		for _, elt := range lit.Elts {
			refs = append(refs, m.Ref(elt))
		}
	}
	return refs
}

// Object returns the object in whose queue a call takes its place. It is unknown if there
// are several.
func (m *Model) Object(c *api.Call) Ref {
	if refs := m.Objects(c); len(refs) == 1 {
		return refs[0]
	}
	return Ref{}
}

// Held returns the objects that the job of a call holds while it runs. Range and the like, and
// OnRemove, pass the key to their jobs, before the data.
func (m *Model) Held(c *api.Call) []Ref {
	refs := m.Objects(c)
	if !c.All || !refs[0].Known() {
		return refs
	}
	refs[0].Key = AnyKey
	if lit, ok := ast.Unparen(c.Arg(c.Job)).(*ast.FuncLit); ok {
		if key := api.ParamVar(m.Info(), lit.Type, c.Data-1); key != nil {
			refs[0].Key = VarKey(key)
		}
	}
	return refs
}

// Ref resolves an expression of an object's type, or of a pointer to it.
func (m *Model) Ref(e ast.Expr) Ref { return m.resolve(e, nil) }

func (m *Model) resolve(e ast.Expr, t *Trail) Ref {
	info := m.Info()
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
			return Ref{}
		}
		return m.refOf(v, t)
	case *ast.CallExpr:
		if api.IsFunc(api.Callee(info, e), api.DesyncPath, "Map.At") && api.Receiver(info, e) != nil && len(e.Args) == 1 {
			base := m.resolve(api.Receiver(info, e).X, t)
			if base.Known() {
				base.Key = m.KeyOf(e.Args[0])
			}
			return base
		}
	case *ast.SelectorExpr:
		if v, ok := info.Uses[e.Sel].(*types.Var); ok && !v.IsField() {
			return m.refOf(v, t) // of another package
		}
		sel := info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal {
			return Ref{}
		}
		base := m.resolve(e.X, t)
		if !base.Known() || m.reassigned(e, sel.Obj().(*types.Var)) {
			return Ref{}
		}
		base.Path += FieldPath(sel)
		return base
	case *ast.IndexExpr:
		if tv := info.Types[e.X]; !tv.IsValue() {
			return Ref{}
		}
		base := m.resolve(e.X, t)
		key := m.KeyOf(e.Index)
		if !base.Known() || key == AnyKey {
			return Ref{}
		}
		base.Path += "[" + key + "]"
		return base
	}
	return Ref{}
}

// refOf resolves a variable, through the variables that it was made from.
func (m *Model) refOf(v *types.Var, t *Trail) Ref {
	if !m.Vars.Stable(v) {
		return Ref{}
	}
	_, isPointer := v.Type().Underlying().(*types.Pointer)
	if (isPointer || api.IsKey(v.Type())) && IsLocal(v) && !t.Has(v) {
		if init := m.Vars[v].Init; init != nil {
			if r := m.resolve(init, &Trail{v, t}); r.Known() && r.Key != AnyKey {
				return r
			}
		}
	}
	return Ref{Root: v}
}

// KeyOf returns a text for a key, or AnyKey. As long as the variables in them
// do not change, two keys with the same text are equal.
func (m *Model) KeyOf(e ast.Expr) string {
	if e == nil {
		return AnyKey
	}
	if tv := m.Info().Types[e]; tv.Value != nil {
		return tv.Value.ExactString()
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if v, ok := m.Info().ObjectOf(id).(*types.Var); ok && m.Vars.Stable(v) {
			return VarKey(v)
		}
	}
	return AnyKey
}

// VarKey returns the text for a variable that is an index or the key of a Map.
func VarKey(v *types.Var) string { return fmt.Sprintf("%s@%d", v.Name(), v.Pos()) }

// FieldPath writes a selection with the embedded fields that it passes.
func FieldPath(sel *types.Selection) string {
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

// IsLocal reports whether v is declared in a function.
func IsLocal(v *types.Var) bool {
	return v.Pkg() != nil && !v.IsField() && v.Parent() != v.Pkg().Scope()
}

// condObject returns the object of the Cond whose method is selected.
func (m *Model) condObject(method *ast.SelectorExpr) Ref {
	if method == nil {
		return Ref{}
	}
	var of func(e ast.Expr, t *Trail) Ref
	of = func(e ast.Expr, t *Trail) Ref {
		switch e := ast.Unparen(e).(type) {
		case *ast.Ident:
			if init, t := m.Only(e, t); init != nil {
				return of(init, t)
			}
		case *ast.CallExpr:
			if api.IsFunc(api.Callee(m.Info(), e), api.Adapters+"cond", "New") {
				return m.Ref(e.Args[0])
			}
		}
		return Ref{}
	}
	return of(method.X, nil)
}
