package api

import (
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"
)

// shapeOf must be right about the functions of package desync as it is, and must know
// every function that takes a job.
func TestShapesAreThoseOfTheLibrary(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports, Context: t.Context()}, DesyncPath)
	if err != nil || len(pkgs) != 1 || packages.PrintErrors(pkgs) > 0 {
		t.Fatalf("package desync cannot be loaded: %v", err)
	}
	scope := pkgs[0].Types.Scope()
	jobs := 0
	judge := func(recv string, fn *types.Func) {
		got, known := shapeOf(recv, fn.Name())
		want, takesJob := shapeFrom(fn.Signature())
		if takesJob {
			jobs++
		}
		if takesJob != (known && got.Job >= 0) {
			t.Errorf("%s.%s takes a job: %v; shapeOf knows one: %v", recv, fn.Name(), takesJob, known)
			return
		}
		if takesJob && (got.Ctx != want.Ctx || got.Job != want.Job || got.Data != want.Data) {
			t.Errorf("%s.%s has the context, the job and the job's data at %d, %d, %d; shapeOf says %d, %d, %d",
				recv, fn.Name(), want.Ctx, want.Job, want.Data, got.Ctx, got.Job, got.Data)
		}
	}
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.Func:
			// The function that NewPublished takes is no job: it belongs to the object
			// that is made, and there is none yet to wait for.
			if obj.Exported() && name != "NewPublished" {
				judge("", obj)
			}
		case *types.TypeName:
			if named, ok := obj.Type().(*types.Named); ok && obj.Exported() {
				for m := range named.Methods() {
					if m.Exported() {
						judge(name, m)
					}
				}
			}
		}
	}
	if jobs < 15 {
		t.Errorf("only %d functions of package desync take a job", jobs)
	}
}

// shapeFrom finds a job among the parameters: a function that is given a pointer
// to a value of a type parameter, or several.
func shapeFrom(sig *types.Signature) (s shape, ok bool) {
	s.Ctx = -1
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		if named, ok := t.(*types.Named); ok && named.Obj().Name() == "Context" {
			s.Ctx = i
		}
		job, isFunc := t.Underlying().(*types.Signature)
		if !isFunc {
			continue
		}
		for j := range job.Params().Len() { // the last function, which comes after a condition
			t := job.Params().At(j).Type()
			if slice, ok := t.(*types.Slice); ok {
				t = slice.Elem()
			}
			if p, isPointer := t.(*types.Pointer); isPointer && isTypeParam(p.Elem()) {
				s.Job, s.Data, ok = i, j, true
				break
			}
		}
	}
	return s, ok
}

func isTypeParam(t types.Type) bool {
	_, ok := t.(*types.TypeParam)
	return ok
}
