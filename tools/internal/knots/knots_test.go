package knots

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// load writes files into a module of their own and returns the graph of its package.
func load(t *testing.T, files map[string]string) *Graph {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.27\n"
	for name, text := range files {
		if strings.HasSuffix(name, ".go") {
			text = "package m\n\n" + text
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	graphs, err := Load(dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(graphs) != 1 {
		t.Fatalf("%d graphs, want one", len(graphs))
	}
	return graphs[0]
}

func TestKnots(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string // the files of each knot
	}{
		{"functions", map[string]string{"a.go": "func A() { B() }", "b.go": "func B() { A() }", "c.go": "func C() { A() }"}, []string{"a.go b.go"}},
		{"a chain", map[string]string{"a.go": "func A() { B() }", "b.go": "func B() { C() }", "c.go": "func C() {}"}, nil},
		{"a ring of three", map[string]string{"a.go": "func A() { B() }", "b.go": "func B() { C() }", "c.go": "func C() { A() }"}, []string{"a.go b.go c.go"}},
		{"two knots, the larger first", map[string]string{
			"a.go": "func A() { B() }", "b.go": "func B() { A() }",
			"c.go": "func C() { D() }", "d.go": "func D() { E() }", "e.go": "func E() { C(); A() }",
		}, []string{"c.go d.go e.go", "a.go b.go"}},
		{"a method's receiver and its call", map[string]string{"a.go": "type A struct{}\nfunc (a A) F() { a.G() }", "b.go": "func (A) G() {}"}, []string{"a.go b.go"}},
		{"a field", map[string]string{"a.go": "type A struct{ f B }", "b.go": "type B int\nfunc F(a struct{ g int }) { var x = get(); _ = x.f }", "c.go": "func get() (a A) { return }"}, []string{"a.go b.go c.go"}},
		{"a field of an instance", map[string]string{"a.go": "type A[T any] struct{ f T; b B }", "b.go": "type B int\nfunc F() { _ = get().f }", "c.go": "func get() (a A[int]) { return }"}, []string{"a.go b.go c.go"}},
		{"a generic method", map[string]string{"a.go": "type A struct{}\nfunc (A) F[T any](T) {}\nfunc use() { call() }", "b.go": "func call() { get().F(1) }", "c.go": "func get() (a A) { return }"}, []string{"a.go b.go c.go"}},
		{"a constant", map[string]string{"a.go": "const A = B", "b.go": "const B = 1\nvar X = A"}, []string{"a.go b.go"}},
		{"locals of one name", map[string]string{"a.go": "func A() { x := 1; _ = x }", "b.go": "func B(x int) { A(); _ = x }"}, nil},
		{"tests", map[string]string{"a.go": "func A() { B() }", "b.go": "func B() {}", "a_test.go": "func C() { A(); B() }"}, nil},
		{"other builds", map[string]string{"a.go": "func A() { B() }", "b.go": "func B() {}", "c.go": ""}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.name == "other builds" {
				test.files["b_plan9.go"] = "func D() { A() }"
			}
			var got []string
			for _, k := range load(t, test.files).Knots() {
				got = append(got, strings.Join(k.Files, " "))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("the knots are %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhy(t *testing.T) {
	g := load(t, map[string]string{"a.go": "func A() { B(); B() }", "b.go": "type T int\nfunc B() { A() }\nfunc C() { A() }"})
	k := g.Knots()[0]
	if got, want := k.String(), "example.com/m: a knot of 2 of 2 files: a.go b.go"; got != want {
		t.Errorf("it reads %q, want %q", got, want)
	}
	if got, want := k.Why(), []string{"a.go uses of b.go: B", "b.go uses of a.go: A"}; !slices.Equal(got, want) {
		t.Errorf("it is there because %q, want %q", got, want)
	}
}

func TestLoadOfWhatDoesNotCompile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.27\n", "a.go": "package m\n\nvar A = B\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(dir, "."); err == nil || !strings.Contains(err.Error(), "undefined: B") {
		t.Errorf("Load returned the error %v, want one that says what does not compile", err)
	}
}
