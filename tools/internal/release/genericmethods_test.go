package release

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/exp/apidiff"
)

func checked(t *testing.T, source string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	files := []*ast.File{file}
	if _, err := withoutGenericMethods(files); err != nil {
		t.Fatal(err)
	}
	p, err := (&types.Config{IgnoreFuncBodies: true}).Check("p", fset, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGenericMethodsAreCompared(t *testing.T) {
	const types = "package p\n\ntype Pair[S ~[]E, E any] struct{ s S }\n\ntype Box[T any] struct{ v T }\n\ntype plain struct{}\n\ntype Plain struct{}\n\n"
	tests := []struct{ name, before, after, want string }{
		{"one that leads to further instances", "func (b *Box[T]) Then[R any](f func(T) R) *Box[R]", "func (b *Box[U]) Then[Q any](g func(U) Q) *Box[Q]", ""},
		{"other results", "func (b *Box[T]) Then[R any](f func(T) R) *Box[R]", "func (b *Box[T]) Then[R any](f func(T) R) *Box[[]R]", "Box_Then: changed"},
		{"another constraint", "func (b Box[T]) Map[R any](f func(T) R) R", "func (b Box[T]) Map[R comparable](f func(T) R) R", "Box_Map: changed"},
		{"another receiver", "func (b Box[T]) Map[R any](f func(T) R) R", "func (b *Box[T]) Map[R any](f func(T) R) R", "Box_Map: changed"},
		{"type parameters that name each other", "func (p Pair[A, B]) Map[R any](n int, f func(A, B) R) R", "func (_ Pair[_, _]) Map[R any](_ int, f func()) R", "Pair_Map: changed"},
		{"equal ones of these", "func (p Pair[A, B]) Map[R any](n, m int, f func(A, B) R) R", "func (Pair[S, E]) Map[R any](_, _ int, f func(S, E) R) R", ""},
		{"no longer generic", "func (b Box[T]) Map[R any](f func(T) R) R", "func (b Box[T]) Map(f func(T) int) int", "Box_Map: removed"},
		{"no receiver parameters", "func (Plain) Map[R any](f func() R) R", "func (Plain) Map[R any](f func() R) (R, error)", "Plain_Map: changed"},
		{"not exported", "func (b Box[T]) do[R any](f func(T) R) R\n\nfunc (plain) Do[R any]() R", "func none()", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withBodies := func(source string) string {
				return types + strings.ReplaceAll(source, "\n\n", " { panic(0) }\n\n") + " { panic(0) }\n"
			}
			report := apidiff.Changes(checked(t, withBodies(test.before)), checked(t, withBodies(test.after)))
			got := judge(report, nil)
			if test.want == "" && len(got.Changes) > 0 {
				t.Errorf("changes %q, want none", got.Changes)
			}
			if test.want != "" && (got.Level != Broken || !strings.Contains(strings.Join(got.Changes, "\n"), "incompatible: "+test.want)) {
				t.Errorf("level %v, changes %q; want an incompatible one with %q", got.Level, got.Changes, test.want)
			}
		})
	}
}
