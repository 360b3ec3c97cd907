package index

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const pipe = "a/pipe.go"

// fixture has one entry for every way in which a file is treated.
func fixture() fstest.MapFS {
	return fstest.MapFS{
		"x.go":          {Data: []byte("package x\n\nvar a, _ = b, a\n")},
		"a/y.go":        {Data: []byte("package y // a comment is not counted: a\nfunc a() {}")},
		"a/z.go":        {Data: []byte("package y\n")},
		"a/notes.txt":   {Data: []byte("package y\n")},
		"a/broken.go":   {Data: []byte("package y\nfunc {\n")},
		"a/huge.go":     {Data: make([]byte, MaxFileSize+1)},
		pipe:            {Mode: fs.ModeNamedPipe},
		"a/dir.go/w.go": {Data: []byte("package w\n")},
	}
}

func fixtureResult() Result {
	return Result{
		Listed: 7,
		Names: map[string]Tally{
			"a": {Count: 3, Files: 2},
			"b": {Count: 1, Files: 1},
			"w": {Count: 1, Files: 1},
			"x": {Count: 1, Files: 1},
			"y": {Count: 2, Files: 2},
		},
		Packages: map[string]Totals{
			".":        {Files: 1, Lines: 3, Bytes: 27, Names: 4},
			"a":        {Files: 2, Lines: 3, Bytes: 62, Names: 3},
			"a/dir.go": {Files: 1, Lines: 1, Bytes: 10, Names: 1},
		},
		Skipped: []Skip{
			{"a/broken.go", Unparsable, "a/broken.go:2:6: expected 'IDENT', found '{'"},
			{"a/huge.go", TooLarge, "a/huge.go: 8388609 bytes, the limit is 8388608"},
			{pipe, Unreadable, pipe + ": not a regular file"},
		},
	}
}

// generated is a tree of n files that all parse, with many shared identifiers.
func generated(n int) fstest.MapFS {
	tree := fstest.MapFS{}
	for i := range n {
		src := fmt.Sprintf("package p%d\n", i%5)
		for j := range i % 17 {
			src += fmt.Sprintf("func f%d(x%d int) { shared(x%d, i%d) }\n", j, j, j, i)
		}
		tree[fmt.Sprintf("p%d/f%d.go", i%5, i)] = &fstest.MapFile{Data: []byte(src)}
	}
	return tree
}

func list(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	files, skipped, err := List(t.Context(), fsys)
	if err != nil || len(skipped) > 0 {
		t.Fatalf("List: skipped %v, error %v; want neither", skipped, err)
	}
	return files
}

func silent(int, Leader) {}

func inParallel(t *testing.T, fsys fs.FS, files []string, inFlight int) Result {
	t.Helper()
	got, err := Start(t.Context(), fsys, files, inFlight).Result(t.Context())
	if err != nil {
		t.Fatalf("Result: %v", err)
	}
	return got
}

func TestInOrderCountsAndSkips(t *testing.T) {
	tree := fixture()
	got := InOrder(t.Context(), tree, list(t, tree), silent)
	if diff := cmp.Diff(fixtureResult(), got); diff != "" {
		t.Errorf("InOrder (-want +got):\n%s", diff)
	}
	if !got.Whole() {
		t.Error("a run that was not stopped is reported as not whole")
	}
}

func TestParallelCountsAndSkips(t *testing.T) {
	tree := fixture()
	got := inParallel(t, tree, list(t, tree), 4)
	if diff := cmp.Diff(fixtureResult(), got); diff != "" {
		t.Errorf("parallel result (-want +got):\n%s", diff)
	}
}

func TestParallelEqualsInOrder(t *testing.T) {
	tree := generated(300)
	files := list(t, tree)
	want := InOrder(t.Context(), tree, files, silent)
	for _, inFlight := range []int{0, 1, 2, 64, 1000} {
		t.Run(fmt.Sprint("in flight ", inFlight), func(t *testing.T) {
			if diff := cmp.Diff(want, inParallel(t, tree, files, inFlight)); diff != "" {
				t.Errorf("parallel result (-in order +parallel):\n%s", diff)
			}
		})
	}
}

func TestLeaderIsFirstOfTop(t *testing.T) {
	tree := generated(100)
	files := list(t, tree)
	var lead Leader
	var steps []int
	whole := InOrder(t.Context(), tree, files, func(done int, l Leader) {
		lead = l
		steps = append(steps, done)
	})
	first := whole.Top(1)[0]
	want := Leader{first, whole.Names[first].Count}
	if lead != want {
		t.Errorf("last leader told to progress: %v, want %v", lead, want)
	}
	if len(steps) != 100 || steps[0] != 1 || steps[99] != 100 {
		t.Errorf("progress was told %v, want 1 to 100", steps)
	}
	r := Start(t.Context(), tree, files, 3)
	if _, err := r.Result(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.Leader(); got != want {
		t.Errorf("leader of the parallel run: %v, want %v", got, want)
	}
}

func TestTop(t *testing.T) {
	r := Result{
		Names:    map[string]Tally{"c": {Count: 2}, "b": {Count: 2}, "a": {Count: 1}, "d": {Count: 9}},
		Packages: map[string]Totals{"p": {Lines: 1}, "q": {Lines: 2}},
	}
	if diff := cmp.Diff([]string{"d", "b", "c"}, r.Top(3)); diff != "" {
		t.Errorf("Top(3) (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"d", "b", "c", "a"}, r.Top(5)); diff != "" {
		t.Errorf("Top(5) of 4 (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"q", "p"}, r.TopPackages(2)); diff != "" {
		t.Errorf("TopPackages(2) (-want +got):\n%s", diff)
	}
	if got := (Result{}).Top(3); len(got) != 0 {
		t.Errorf("Top of an empty index: %v, want none", got)
	}
}

func TestLines(t *testing.T) {
	for src, want := range map[string]int{"": 0, "a": 1, "a\n": 1, "a\nb": 2, "\n\n": 2} {
		if got := lines([]byte(src)); got != want {
			t.Errorf("lines(%q) = %d, want %d", src, got, want)
		}
	}
}

func TestInOrderStopsWhenCanceled(t *testing.T) {
	tree := generated(10)
	ctx, cancel := context.WithCancel(t.Context())
	got := InOrder(ctx, tree, list(t, tree), func(done int, _ Leader) {
		if done == 4 {
			cancel()
		}
	})
	if files := got.Totals().Files; files != 4 {
		t.Errorf("canceled after 4 files, the result covers %d", files)
	}
	if got.Whole() {
		t.Error("a stopped run is reported as whole")
	}
}
