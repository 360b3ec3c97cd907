package checklist

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// sound is a workspace with two adapters that lack nothing, one of them in a module of
// its own, and packages that are none. Each case breaks one thing.
func sound() map[string]string {
	return map[string]string{
		"go.work":                             "go 1.27\n",
		"adapters/go.mod":                     "module " + workspace.Prefix + "/adapters\n",
		"adapters/README.md":                  "| package | what it bridges |\n|---|---|\n| `pipe` | channels |\n| `nats` | subjects |\n",
		"adapters/CHANGELOG.md":               "## Unreleased\n\n- Package `pipe`.\n",
		"adapters/internal/attempt/try.go":    "package attempt\n\nfunc Try() {}\n",
		"adapters/examples/examples.go":       "package examples\n\nfunc Show() {}\n",
		"adapters/nats/examples/go.mod":       "module " + workspace.Prefix + "/adapters/nats/examples\n",
		"adapters/nats/examples/examples.go":  "package examples\n\nfunc Show() {}\n",
		"adapters/pipe/testdata/data/data.go": "package data\n\nfunc Data() {}\n",
		"adapters/pipe/doc.go": `// Package pipe bridges.
//
// # By hand
//
//	go func() {}()
//
// What this gets wrong:
//
//   - All of it.
//
// # Order
//
// There is one.
package pipe
`,
		"adapters/pipe/pipe.go": `package pipe

type Pipe struct{}

func New() *Pipe { return nil }

func (p *Pipe) Push() {}

func Values() {}

type hidden struct{}

func judge() { bridge.Check(nil, nil) } // no test
`,
		"adapters/pipe/example_test.go": `package pipe_test

import "fmt"

func ExamplePipe_Push() {
	fmt.Println(1)
	// Output: 1
}

func ExampleNew() {
	// Output:
}

func ExampleValues_two() {
	fmt.Println(2)
	// Unordered output: 2
}
`,
		"adapters/pipe/pipe_test.go": `package pipe_test

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOrder(t *testing.T) {
	if err := bridge.Check(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
`,
		"adapters/nats/go.mod": "module " + workspace.Prefix + "/adapters/nats\n",
		"adapters/nats/doc.go": `// Package nats bridges.
//
// # By hand
//
//	go func() {}()
//
// It is wrong.
//
// Order does not apply: there is one message.
package nats
`,
		"adapters/nats/conn.go": "package nats\n\ntype Conn struct{}\n",
		"adapters/nats/examples/example_test.go": `package examples

import "fmt"

func Example_conn() {
	fmt.Println(1)
	// Output: 1
}
`,
		"adapters/nats/main_test.go": `package nats

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
`,
	}
}

func check(t *testing.T, files map[string]string) (got []string) {
	t.Helper()
	fsys := make(fstest.MapFS)
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	tree, err := workspace.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Check(tree) {
		if f.Fix == "" {
			t.Errorf("the fault does not say what to do: %v", f)
		}
		got = append(got, f.File+": "+f.Problem)
	}
	return got
}

func TestFaults(t *testing.T) {
	const remove = "\x00"
	for _, test := range []struct {
		name            string
		file, old, text string // old is replaced by text
		want            []string
	}{
		{"nothing broken", "go.work", "", "", nil},
		{"no doc.go", "adapters/pipe/doc.go", "", remove, []string{"adapters/pipe/doc.go: no package comment"}},
		{"the package comment elsewhere", "adapters/pipe/doc.go", "\npackage pipe", "\n\npackage pipe", []string{"adapters/pipe/doc.go: no package comment"}},
		{"nothing by hand", "adapters/pipe/doc.go", "# By hand", "By hand", []string{`adapters/pipe/doc.go: the package comment has no heading "# By hand"`}},
		{"no code by hand", "adapters/pipe/doc.go", "//\tgo func() {}()\n", "// Nobody would.\n", []string{`adapters/pipe/doc.go: the package comment shows no code under "# By hand"`}},
		{"code elsewhere", "adapters/pipe/doc.go", "//\tgo func() {}()\n//\n// What this gets wrong:\n//\n//   - All of it.\n//\n// # Order\n", "// What this gets wrong: it is wrong.\n//\n// # Order\n//\n//\tgo func() {}()\n", []string{`adapters/pipe/doc.go: the package comment shows no code under "# By hand"`}},
		{"nothing wrong by hand", "adapters/pipe/doc.go", "gets wrong", "does", []string{"adapters/pipe/doc.go: the package comment does not say what the code by hand gets wrong"}},
		{"a type without an Example", "adapters/pipe/example_test.go", "Pipe_Push", "_push", []string{"adapters/pipe: the exported type Pipe has no Example"}},
		{"a constructor without an Example", "adapters/pipe/example_test.go", "ExampleNew", "Example_new", []string{"adapters/pipe: the exported function New has no Example"}},
		{"an Example that is not run", "adapters/pipe/example_test.go", "// Unordered output: 2", "// It prints 2.", []string{"adapters/pipe: the Example of the function Values is not run"}},
		{"a nested Example of something else", "adapters/nats/examples/example_test.go", "_conn", "_conns", []string{"adapters/nats: the exported type Conn has no Example"}},
		{"a nested Example that is not run", "adapters/nats/examples/example_test.go", "// Output: 1", "", []string{"adapters/nats: the exported type Conn has no Example"}},
		{"no TestMain", "adapters/pipe/pipe_test.go", "TestMain", "testMain", []string{"adapters/pipe: no TestMain looks for goroutines that are left"}},
		{"a TestMain without goleak", "adapters/pipe/pipe_test.go", "goleak.VerifyTestMain(m)", "m.Run()", []string{"adapters/pipe: no TestMain looks for goroutines that are left"}},
		{"no judge", "adapters/pipe/pipe_test.go", "bridge.Check", "bridge.Open", []string{"adapters/pipe: no test judges the order"}},
		{"another's judge", "adapters/pipe/pipe_test.go", "bridge.Check", "mine.Check", []string{"adapters/pipe: no test judges the order"}},
		{"no reason why there is no order", "adapters/nats/doc.go", ": there is one message", "", []string{"adapters/nats: no test judges the order"}},
		{"no row", "adapters/README.md", "`pipe`", "`pipes`", []string{"adapters/README.md: the table has no row for pipe"}},
		{"an empty row", "adapters/README.md", "subjects", "", []string{"adapters/README.md: the table has no row for nats"}},
		{"no README", "adapters/README.md", "", remove, []string{"adapters/README.md: the table has no row for pipe", "adapters/README.md: the table has no row for nats"}},
		{"no changelog entry", "adapters/CHANGELOG.md", "`pipe`", "pipe", []string{"adapters/CHANGELOG.md: it does not mention pipe"}},
		{"an empty package", "adapters/timer/timer.go", "", "package timer\n", []string{
			"adapters/timer/doc.go: no package comment",
			"adapters/timer: no TestMain looks for goroutines that are left",
			"adapters/timer: no test judges the order",
			"adapters/README.md: the table has no row for timer",
			"adapters/CHANGELOG.md: it does not mention timer",
		}},
		{"a command of an adapter", "adapters/nats/cmd/nats/main.go", "", "package main\n", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := maps.Clone(sound())
			switch {
			case test.text == remove:
				delete(files, test.file)
			case test.old != "" && !strings.Contains(files[test.file], test.old):
				t.Fatalf("%s does not contain %q", test.file, test.old)
			default:
				files[test.file] = strings.Replace(files[test.file], test.old, test.text, 1)
			}
			got := check(t, files)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// TestThisWorkspace is the check that the other tests are about.
func TestThisWorkspace(t *testing.T) {
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := workspace.Load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Check(tree) {
		t.Error(f)
	}
}
