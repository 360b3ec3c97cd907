package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// An Origin says where a value comes from: it is a pointer to a place in the memory
// behind a parameter, or the value at such a place. A path has fields, [] for an
// element, and * for a pointer that is stored in the memory.
type Origin struct {
	param   *types.Var
	pointer bool
	path    string
	typ     types.Type
	keys    []string        // of the slice or map at the place
	from    []string        // the slices and maps that were indexed on the way
	renewed map[string]bool // of a struct in a local variable: fields that got another value
	Changed bool            // it is certain that the place is changed
}

// eval returns the places in the parameters' memory that the value of an expression
// is, or that it can reach.
func (f *Values) eval(e ast.Expr) []Origin {
	info := f.m.Info()
	typ := info.TypeOf(e)
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := f.m.VarOf(e)
		if v == nil {
			return nil
		}
		if slice, ok := f.params[v]; ok {
			if slice {
				return nil
			}
			_, isPointer := v.Type().Underlying().(*types.Pointer)
			return []Origin{{param: v, pointer: isPointer, typ: typ, keys: append(f.m.keys(e), "parameter "+v.Name())}}
		}
		if f.mixed[v] {
			return slices.Clone(f.filled[v])
		}
		os := slices.Concat(f.locals[v], f.filled[v])
		for i := range os {
			os[i].renewed = f.fixed[v]
		}
		return os
	case *ast.StarExpr:
		var os []Origin
		for _, o := range f.eval(e.X) {
			os = append(os, f.deref(o, typ, f.m.keys(e)))
		}
		return os
	case *ast.SelectorExpr:
		s := info.Selections[e]
		if s == nil {
			return nil
		}
		if s.Kind() == types.MethodVal {
			// A method value keeps its receiver.
			if _, ok := s.Obj().(*types.Func).Signature().Recv().Type().Underlying().(*types.Pointer); ok {
				os := f.eval(e.X)
				for i := range os {
					os[i].pointer = true
				}
				return os
			}
			return nil
		}
		var os []Origin
		for _, o := range f.eval(e.X) {
			if _, ok := o.typ.Underlying().(*types.Pointer); ok {
				o = f.deref(o, o.typ, nil)
			}
			rel := model.FieldPath(s)
			for path := range o.renewed {
				if under(rel, path) {
					return nil
				}
			}
			o.path += rel
			o.typ, o.keys, o.renewed = typ, f.m.keys(e), nil
			os = append(os, o)
		}
		return os
	case *ast.IndexExpr:
		if tv := info.Types[e.X]; !tv.IsValue() {
			return nil
		}
		if v := f.m.VarOf(e.X); v != nil && f.params[v] {
			return []Origin{{param: v, pointer: true, typ: typ}}
		}
		var os []Origin
		for _, o := range f.eval(e.X) {
			if p, ok := o.typ.Underlying().(*types.Pointer); ok {
				o = f.deref(o, p.Elem(), nil)
			}
			el := f.element(o, typ)
			el.keys = f.m.keys(e)
			os = append(os, el)
		}
		return os
	case *ast.SliceExpr:
		os := f.eval(e.X)
		for i := range os {
			if _, ok := os[i].typ.Underlying().(*types.Array); ok {
				os[i].pointer = true
			}
			os[i].typ = typ
		}
		return os
	case *ast.UnaryExpr:
		if e.Op != token.AND {
			return nil
		}
		if _, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			return f.eval(e.X)
		}
		if v := f.m.VarOf(e.X); v != nil && !f.params[v] {
			return nil // the address of a variable, not of the data
		}
		os := f.eval(e.X)
		for i := range os {
			os[i].pointer, os[i].typ = true, typ
		}
		return os
	case *ast.TypeAssertExpr:
		return f.eval(e.X)
	case *ast.CompositeLit:
		var os []Origin
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			os = append(os, f.shared(elt)...)
		}
		return os
	case *ast.FuncLit:
		return f.captured(e)
	case *ast.CallExpr:
		return f.evalCall(e, typ)
	}
	return nil
}

// shared is eval without values that share no memory.
func (f *Values) shared(e ast.Expr) []Origin {
	return slices.DeleteFunc(f.eval(e), func(o Origin) bool { return !o.Changed && !o.pointer && len(o.Inner()) == 0 })
}

func (f *Values) deref(o Origin, typ types.Type, keys []string) Origin {
	if o.pointer {
		o.pointer = false
	} else {
		o.path += "*"
	}
	o.typ, o.keys, o.renewed = typ, keys, nil
	return o
}

func (f *Values) element(o Origin, typ types.Type) Origin {
	o.from = append(slices.Clone(o.from), o.path)
	o.path += "[]"
	o.pointer = false
	o.keys = elements(o.keys)
	o.typ, o.renewed = typ, nil
	return o
}

// captured returns the places in the parameters' memory that a function literal
// shares.
func (f *Values) captured(lit *ast.FuncLit) (os []Origin) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := f.m.Info().Uses[id].(*types.Var); ok && (v.Pos() < lit.Pos() || v.Pos() > lit.End()) {
				os = append(os, f.shared(id)...)
			}
		}
		return true
	})
	return os
}

func (f *Values) evalCall(e *ast.CallExpr, typ types.Type) (os []Origin) {
	info := f.m.Info()
	if tv := info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
		if isString(typ) != isString(info.TypeOf(e.Args[0])) {
			return nil // string(b) and []byte(s) copy
		}
		return f.eval(e.Args[0])
	}
	if f.m.IsBuiltin(e, "append") {
		os = f.eval(e.Args[0])
		if s, ok := ast.Unparen(e.Args[0]).(*ast.SliceExpr); ok && s.Slice3 {
			os = f.copied(e.Args[0]) // append(s[:n:n], ...) copies
		}
		for _, arg := range e.Args[1:] {
			if e.Ellipsis.IsValid() {
				os = append(os, f.copied(arg)...)
			} else {
				os = append(os, f.shared(arg)...)
			}
		}
		return os
	}
	fn := api.Callee(info, e)
	switch {
	case fn == nil:
		return nil
	case api.IsFunc(fn, "slices", "All", "Values", "Backward", "Chunk", "Clip", "Grow", "Compact", "CompactFunc", "Delete", "DeleteFunc"),
		api.IsFunc(fn, "maps", "All", "Keys", "Values"):
		return f.eval(e.Args[0])
	case api.IsFunc(fn, "slices", "AppendSeq"):
		return append(f.eval(e.Args[0]), f.copied(e.Args[1])...)
	case copiesElements(fn):
		for _, arg := range e.Args {
			os = append(os, f.copied(arg)...)
		}
		return os
	case api.IsFunc(fn, "bytes", "Buffer.Bytes", "Buffer.Next"):
		os = f.eval(api.Receiver(info, e).X)
		for i := range os {
			os[i].Changed = true
		}
		return os
	}
	for _, l := range f.m.LeaksOf(fn).Returned {
		arg := api.Argument(info, e, fn, l.Param)
		if arg == nil {
			continue
		}
		for _, o := range f.eval(arg) {
			if l.Inner {
				o.path += ".()"
				o.pointer, o.Changed, o.keys, o.typ = false, l.Changed, l.Keys, typ
			}
			os = append(os, o)
		}
	}
	return os
}

// copiesElements reports whether fn returns a new slice or map with the elements of
// its argument.
func copiesElements(fn *types.Func) bool {
	return api.IsFunc(fn, "slices", "Clone", "Collect", "Concat", "Repeat", "Sorted", "SortedFunc", "SortedStableFunc") ||
		api.IsFunc(fn, "maps", "Clone", "Collect")
}

// copied returns the places in the parameters' memory that the elements of e share.
// A copy of e shares them too. e may be an iterator.
func (f *Values) copied(e ast.Expr) (os []Origin) {
	if made, ok := ast.Unparen(e).(*ast.CallExpr); ok && api.IsFunc(api.Callee(f.m.Info(), made), "maps", "Keys") {
		return nil // keys do not refer to memory that can be changed
	}
	for _, o := range f.eval(e) {
		var elem types.Type
		switch t := o.typ.Underlying().(type) {
		case *types.Slice:
			elem = t.Elem()
		case *types.Map:
			elem = t.Elem()
		default:
			continue
		}
		if el := f.element(o, elem); len(el.Inner()) > 0 {
			os = append(os, el)
		}
	}
	return os
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}
