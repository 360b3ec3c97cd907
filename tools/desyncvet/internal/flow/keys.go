package flow

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// keys returns the keys of the slice, map or array that an expression names.
func (m *Memory) keys(e ast.Expr) []string { return m.keysOf(e, nil) }

func (m *Memory) keysOf(e ast.Expr, t *model.Trail) []string {
	var keys []string
	typ := m.Info().TypeOf(e)
	if named, ok := types.Unalias(typ).(*types.Named); ok && typ != nil {
		keys = append(keys, typeKey(named))
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := m.VarOf(e)
		if v == nil || t.Has(v) {
			return keys
		}
		t = t.With(v)
		if x := m.RangeOver[v]; x != nil {
			return append(keys, elements(m.keysOf(x, t))...)
		}
		if init := m.Vars[v].Init; init != nil && model.IsLocal(v) {
			keys = append(keys, m.keysOf(init, t)...)
		}
	case *ast.SelectorExpr:
		if s := m.Info().Selections[e]; s != nil && s.Kind() == types.FieldVal {
			keys = append(keys, fieldKey(s))
		}
	case *ast.StarExpr:
		if v := m.VarOf(e.X); v != nil {
			keys = append(keys, m.dataKeys[v]...)
			if named := api.NamedOf(v.Type()); named != nil {
				keys = append(keys, typeKey(named))
			}
		}
	case *ast.IndexExpr:
		return append(keys, elements(m.keysOf(e.X, t))...)
	case *ast.SliceExpr:
		return append(keys, m.keysOf(e.X, t)...)
	}
	return keys
}

func elements(keys []string) []string {
	var es []string
	for _, key := range keys {
		es = append(es, key+"[]")
	}
	return es
}

func typeKey(t types.Type) string {
	if named := api.NamedOf(t); named != nil {
		t = named.Origin()
	}
	return "type " + types.TypeString(t, nil)
}

// fieldKey names the field of a selection by the type that declares it.
func fieldKey(s *types.Selection) string {
	t := s.Recv()
	index := s.Index()
	for _, i := range index[:len(index)-1] {
		if st := model.StructOf(t); st != nil {
			t = st.Field(i).Type()
		}
	}
	return ownFieldKey(t, s.Obj().Name())
}

func ownFieldKey(t types.Type, name string) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return "field " + strings.TrimPrefix(typeKey(t), "type ") + "." + name
}

// objectKey names an object that is a variable, or a field of a type.
func objectKey(r model.Ref) string {
	if r.Path != "" {
		if named := api.NamedOf(r.Root.Type()); named != nil {
			return "object " + strings.TrimPrefix(typeKey(named), "type ") + r.Path
		}
	}
	return fmt.Sprintf("object %s@%d%s", r.Root.Name(), r.Root.Pos(), r.Path)
}
