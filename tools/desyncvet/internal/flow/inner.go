package flow

import (
	"go/types"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// Direct reports whether the value is a pointer to the memory behind the
// parameter itself, and not to memory that is only reachable from there.
func (o Origin) Direct() bool { return o.pointer && !strings.Contains(o.path, "*") }

// Inner returns the keys of the memory that the value shares. A change under
// one of them is a change for everybody who has the value.
func (o Origin) Inner() []string {
	if o.pointer {
		if p, ok := o.typ.Underlying().(*types.Pointer); ok {
			return []string{typeKey(p.Elem())}
		}
		return nil
	}
	return innerKeys(o.typ, o.keys, "", o.renewed, 0)
}

func innerKeys(t types.Type, keys []string, path string, renewed map[string]bool, depth int) []string {
	if t == nil || depth > 6 || renewed[path] && path != "" {
		return nil
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && isImmutable(named) {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return append(slices.Clone(keys), innerKeys(u.Elem(), elements(keys), path, nil, depth+1)...)
	case *types.Map:
		return append(slices.Clone(keys), innerKeys(u.Elem(), elements(keys), path, nil, depth+1)...)
	case *types.Pointer:
		if named := api.NamedOf(u); named == nil || api.IsObject(named) || synchronized(named) {
			return nil
		}
		return []string{typeKey(u.Elem())}
	case *types.Array:
		return innerKeys(u.Elem(), elements(keys), path, nil, depth+1)
	case *types.Struct:
		var all []string
		for i := range u.NumFields() {
			field := u.Field(i)
			all = append(all, innerKeys(field.Type(), []string{ownFieldKey(t, field.Name())}, path+"."+field.Name(), renewed, depth+1)...)
		}
		return all
	case *types.Signature:
		return keys // an iterator over what the keys name
	}
	return nil
}

// isImmutable reports whether values of a type refer only to memory that nobody
// changes.
func isImmutable(named *types.Named) bool {
	pkg := named.Obj().Pkg()
	if pkg == nil {
		return true // error
	}
	switch pkg.Path() + "." + named.Obj().Name() {
	case "time.Time", "reflect.Value", "net/netip.Addr", "encoding/json.Number":
		return true
	}
	return false
}

// synchronized reports whether a struct has a lock or an object of its own, by
// which it may order its changes.
func synchronized(named *types.Named) bool {
	s, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for i := range s.NumFields() {
		t := s.Field(i).Type()
		if field := api.NamedOf(t); field != nil {
			if api.IsObject(field) || field.Obj().Pkg() != nil && (field.Obj().Pkg().Path() == "sync" || field.Obj().Pkg().Path() == "sync/atomic") {
				return true
			}
		}
	}
	return false
}
