package readme

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// md writes Markdown with ' in place of `, which a raw string cannot hold.
func md(s string) string { return strings.ReplaceAll(s, "'", "`") }

const hello = `package main

import "fmt"

func main() { fmt.Println("hello") }
`

func TestExtract(t *testing.T) {
	source := md("# Title\n\nA program:\n\n'''go\n" + hello + "'''\n\n'''text\nhello\n'''\n\n" +
		"'''sh\nmake\n'''\n\n1. In a list:\n\n   '''go\n   // no output: waits forever\n   package main\n\n   func main() { select {} }\n   '''\n")
	blocks, faults := Extract("README.md", []byte(source))
	if faults != nil {
		t.Errorf("faults: %v", faults)
	}
	want := []Block{
		{File: "README.md", Line: 6, Source: hello, Output: "hello\n", Run: true},
		{File: "README.md", Line: 24, Source: "// no output: waits forever\npackage main\n\nfunc main() { select {} }\n"},
	}
	if diff := cmp.Diff(want, blocks); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
}

func TestExtractRefuses(t *testing.T) {
	tests := []struct{ name, markdown, problem string }{
		{"a fragment", "'''go\nnumber := desync.New(0)\n'''\n\n'''text\n'''\n", "does not parse: 1:1: expected 'package'"},
		{"an empty block", "'''go\n'''\n", "does not parse"},
		{"another package", "'''go\npackage p\n\nfunc main() {}\n'''\n\n'''text\n'''\n", "not a whole program"},
		{"tests in a program", "'''go\npackage p\n\nfunc main() {}\n\nfunc TestMain() {}\n'''\n\n'''text\n'''\n", "not a whole program"},
		{"no main", "'''go\npackage main\n\ntype t struct{}\n\nfunc (t) main() {}\n'''\n\n'''text\n'''\n", "not a whole program"},
		{"no formatting", "'''go\npackage main\nfunc main() { }\n'''\n\n'''text\n'''\n", "not formatted"},
		{"no output", "'''go\n" + hello + "'''\n", "states no output"},
		{"words before the output", "'''go\n" + hello + "'''\n\nIt prints:\n\n'''text\nhello\n'''\n", "states no output"},
		{"output in another kind of block", "'''go\n" + hello + "'''\n\n'''console\nhello\n'''\n", "states no output"},
		{"no reason", "'''go\n// no output:\n" + hello + "'''\n", "gives no reason"},
		{"no output, and output", "'''go\n// no output: none\n" + hello + "'''\n\n'''text\nhello\n'''\n", "but a text block follows"},
		{"another name for Go", "'''golang\n" + hello + "'''\n\n'''text\nhello\n'''\n", "marked golang"},
		{"words after the name", "'''go run\n" + hello + "'''\n", "states no output"},
		{"tildes", "~~~go\n" + hello + "~~~\n", "states no output"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			blocks, faults := Extract("a/README.md", []byte("# Title\n\n"+md(test.markdown)))
			if len(blocks) != 0 || len(faults) != 1 {
				t.Fatalf("got %d blocks and the faults %v, want one fault only", len(blocks), faults)
			}
			if got := faults[0].String(); !strings.HasPrefix(got, "a/README.md:4: ") || !strings.Contains(got, test.problem) {
				t.Errorf("fault %q, want one of a/README.md:4 with %q", got, test.problem)
			}
		})
	}
}

// check runs Check on a workspace that holds the one file.
func check(t *testing.T, markdown string) []workspace.Fault {
	t.Helper()
	root := t.TempDir()
	for name, data := range map[string]string{"go.work": "go 1.27\n", "README.md": md(markdown)} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	faults, err := Check(t.Context(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

func wantFaults(t *testing.T, got []workspace.Fault, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d faults, want %d: %v", len(got), len(want), got)
	}
	for i, prefix := range want {
		if !strings.HasPrefix(got[i].String(), prefix) {
			t.Errorf("fault %d is\n%s\nwant one that begins\n%s", i, got[i], prefix)
		}
	}
}

func TestCheckComparesOutput(t *testing.T) {
	got := check(t, "'''go\n"+hello+"'''\n\n'''text\nhello\n'''\n\n"+
		"'''go\n"+hello+"'''\n\n'''text\ngoodbye\n'''\n\n"+
		"'''go\n"+hello+"'''\n\n'''text\nhello\n\n'''\n\n"+
		"'''go\npackage main\n\nfunc main() { panic(\"lost\") }\n'''\n\n'''text\n'''\n\n"+
		"'''go\n// no output: not run\npackage main\n\nfunc main() { panic(\"lost\") }\n'''\n")
	wantFaults(t, got,
		"README.md:14: the program wrote something else (-stated +written):\n",
		"README.md:26: the program wrote something else (-stated +written):\n",
		"README.md:39: the program failed: exit status 2\npanic: lost\n")
	for _, line := range []string{`"goodbye\n"`, `"hello\n"`} {
		if !strings.Contains(got[0].Problem, line) {
			t.Errorf("the difference does not show %s:\n%s", line, got[0].Problem)
		}
	}
}

func TestCheckCompilesAndVets(t *testing.T) {
	wantFaults(t, check(t, "'''go\npackage main\n\nfunc main() { absent() }\n'''\n\n'''text\n'''\n\n"+
		"'''go\n// no output: not run\npackage main\n\nimport \"fmt\"\n\nfunc main() { fmt.Printf(\"%d\\n\", \"one\") }\n'''\n"),
		"README.md:4: undefined: absent",
		"README.md:16: fmt.Printf format %d has arg \"one\" of wrong type string")

	wantFaults(t, check(t, "'''go\npackage main\n\nimport \"example.com/absent\"\n\nfunc main() { absent.Call() }\n'''\n\n'''text\n'''\n"),
		"README.md:4: cannot find module providing package example.com/absent")
}

func TestCheckRunsTests(t *testing.T) {
	tests := "'''go\npackage p_test\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) { t.%s }\n'''\n\n'''text\nPASS\n'''\n\n"
	wantFaults(t, check(t, fmt.Sprintf(tests, "Log(1)")+fmt.Sprintf(tests, `Error("lost")`)),
		"README.md:14: the program failed: exit status 1\n--- FAIL: TestOne (0.00s)\n    README.md:18: lost\n")
	wantFaults(t, check(t, fmt.Sprintf(tests, "Absent()")), "README.md:6: t.Absent undefined")
}

func TestFind(t *testing.T) {
	tree := fstest.MapFS{}
	for _, name := range []string{
		"README.md", "NOTES.md", "a/README.md", "a/CONTRIBUTING.md", "a/docs/page.md", "docs/page.md", "docs/guide/page.md", "docs/guide/page.svg",
		"a/testdata/README.md", ".a/README.md", "docs/.a/page.md",
	} {
		tree[name] = new(fstest.MapFile)
	}
	files, err := find(tree)
	want := []string{"README.md", "a/CONTRIBUTING.md", "a/README.md", "docs/guide/page.md", "docs/page.md"}
	if diff := cmp.Diff(want, files); diff != "" || err != nil {
		t.Errorf("error %v, files (-want +got):\n%s", err, diff)
	}
}

func TestRunEndsAProgramThatHangs(t *testing.T) {
	scratch, root := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.work"), []byte("go 1.27\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	blocks := []Block{{File: "README.md", Line: 1, Run: true, Source: "package main\n\nimport \"net\"\n\n" +
		"func main() {\n\tl, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\n\t_, _ = l.Accept()\n}\n"}}
	if err := writeModule(root, scratch, blocks); err != nil {
		t.Fatal(err)
	}
	if broken, err := build(t.Context(), scratch, blocks); err != nil || broken != nil {
		t.Fatal(broken, err)
	}
	wantFaults(t, runAll(t.Context(), scratch, blocks, 50*time.Millisecond),
		"README.md:1: the program was still running after 50ms: context deadline exceeded")
}

// TestThisRepository is the check that the other tests are about.
func TestThisRepository(t *testing.T) {
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	faults, err := Check(t.Context(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}
