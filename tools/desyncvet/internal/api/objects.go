package api

import (
	"go/types"
)

// IsObject reports whether t is a type of package desync or futures whose
// values must not be copied, because other goroutines use them by their
// address.
func IsObject(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() {
	case DesyncPath:
		return named.Obj().Name() == "Desync" || named.Obj().Name() == "Map"
	case FuturesPath:
		return named.Obj().Name() == "Future" || named.Obj().Name() == "Promise"
	}
	return false
}

// IsKey reports whether t is the type of an object of a Map.
func IsKey(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == DesyncPath && named.Obj().Name() == "Key"
}

// Contained returns the name of the object that a value of type t is or
// contains, or "".
func Contained(t types.Type) string {
	if t == nil {
		return ""
	}
	if IsObject(t) {
		named := types.Unalias(t).(*types.Named)
		return named.Obj().Pkg().Name() + "." + named.Obj().Name()
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return ""
	}
	switch t := t.Underlying().(type) {
	case *types.Array:
		return Contained(t.Elem())
	case *types.Struct:
		for i := range t.NumFields() {
			if name := Contained(t.Field(i).Type()); name != "" {
				return name
			}
		}
	}
	return ""
}
