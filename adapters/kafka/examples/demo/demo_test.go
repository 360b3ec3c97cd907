package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if isWorker() {
		os.Exit(workerMain())
	}
	goleak.VerifyTestMain(m)
}

// tree is a directory with 20,001 identifiers, of which 52 are different.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("package p\n")
	for i := range 10_000 {
		b.WriteString("var a" + strings.Repeat("b", i%50) + " = x\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Nothing is lost, twice or out of order, and where the workers do it wrong the demo says so.
func TestDemo(t *testing.T) {
	for fault, test := range map[string]struct {
		code int
		want string
	}{
		"":      {0, "Beside a run in one process: lost 0, twice 0, out of order 0"},
		noFence: {1, "Beside a run in one process: lost 0, twice "},
		lose:    {1, "Beside a run in one process: lost "},
	} {
		t.Run("fault "+fault, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			code := command(t.Context(), []string{"--fault", fault, tree(t)}, &out, &errs)
			for _, want := range []string{
				test.want, "20001 identifiers, 52 different ones", "WITHOUT FSYNC", "A was killed; its partitions were taken over after", "Replays: ",
			} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it lacks %q", want)
				}
			}
			if code != test.code || fault == noFence && strings.Contains(out.String(), "twice 0") || fault == lose && strings.Contains(out.String(), "lost 0") {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if t.Failed() {
				t.Log(out.String(), errs.String())
			}
		})
	}
}

func TestWrongUsage(t *testing.T) {
	empty := t.TempDir()
	for want, args := range map[string][]string{
		"usage: demo":         {"--fault", "dance"},
		"usage: demo [":       {empty, empty},
		"does not exist":      {filepath.Join(empty, "none")},
		"has no Go files":     {empty},
		"is not a directory;": {os.Args[0]},
	} {
		var errs bytes.Buffer
		if code := command(t.Context(), args, new(bytes.Buffer), &errs); code != 2 || !strings.Contains(errs.String(), want) {
			t.Errorf("%q: exit code %d, and %s", args, code, errs.String())
		}
	}
	if code := command(t.Context(), []string{"--help"}, new(bytes.Buffer), new(bytes.Buffer)); code != 0 {
		t.Errorf("--help: exit code %d", code)
	}
}

func TestDifference(t *testing.T) {
	want := inOrder(strings.Fields("a b a c a d"))
	if d := compare(inOrder(strings.Fields("a b a c a d")), want); !d.none() {
		t.Errorf("the same differs: %v", d)
	}
	found := inOrder(strings.Fields("a b a c c"))
	b := found["b"]
	b.hash++
	found["b"], found["new"] = b, state{n: 2}
	d := compare(found, want)
	if d.String() != "lost 2, twice 3, out of order 1" || d.none() || len(d.words) != 3 { // a and d, c and new, b
		t.Errorf("it gave %v, %q", d, d.words)
	}
}
