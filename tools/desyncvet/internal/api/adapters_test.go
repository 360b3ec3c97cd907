package api

import (
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"
)

// adapterShape must be right about the adapters as they are, and must know every
// function that takes a job.
func TestShapesAreThoseOfTheAdapters(t *testing.T) {
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports, Context: t.Context()}
	pkgs, err := packages.Load(cfg, Adapters+"bounded", Adapters+"group", Adapters+"pipe", Adapters+"retry", Adapters+"batch", Adapters+"timed")
	if err != nil {
		t.Fatal(err)
	}
	jobs := 0
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			t.Skipf("this module does not require the adapters, so they are there in the workspace only: %v", p.Errors[0])
		}
		judge := func(fn *types.Func) {
			want, takesJob := shapeFrom(fn.Signature())
			_, got, known := adapterShape(fn)
			if !takesJob && !known || !fn.Exported() {
				return
			}
			jobs++
			if !known {
				t.Errorf("%s takes a job, and adapterShape does not know it", fn.FullName())
				return
			}
			if got.Ctx != want.Ctx || got.Job != want.Job || got.Data != want.Data {
				t.Errorf("%s has the context, the job and the job's data at %d, %d, %d; adapterShape says %d, %d, %d",
					fn.FullName(), want.Ctx, want.Job, want.Data, got.Ctx, got.Job, got.Data)
			}
			object := fn.Signature().Params().At(got.Object).Type()
			if named := NamedOf(object); named == nil || named.Obj().Pkg().Path() != DesyncPath {
				t.Errorf("%s has a %s at %d; adapterShape says that it is the object", fn.FullName(), object, got.Object)
			}
		}
		for _, name := range p.Types.Scope().Names() {
			switch obj := p.Types.Scope().Lookup(name).(type) {
			case *types.Func:
				judge(obj)
			case *types.TypeName:
				if named, ok := obj.Type().(*types.Named); ok {
					for m := range named.Methods() {
						judge(m)
					}
				}
			}
		}
	}
	if jobs < 12 {
		t.Errorf("%d functions of the adapters take a job; want at least 12", jobs)
	}
}
