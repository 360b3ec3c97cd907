package demo

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

func TestMain(m *testing.M) {
	child.Main()
	goleak.VerifyTestMain(m)
}

// tree is a directory with about 40,000 identifiers, so many different ones that each worker has
// its part of them.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("package p\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "var a%d = a%d\n", i%500, (i+1)%500)
	}
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ok, err := Run(t.Context(), Input{Dir: tree(t)}, &out)
	if err != nil || !ok {
		t.Errorf("it gave %v, %v:\n%s", ok, err, out.String())
	}
	for _, want := range []string{
		"40001 identifiers, 501 different ones", "WITHOUT FSYNC", " was killed; its partitions were taken over after",
		" is woken", "Beside a run in one process: lost 0, twice 0, out of order 0",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}

func TestDemoFindsWhatIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	t.Parallel()
	var out bytes.Buffer
	ok, err := Run(t.Context(), Input{Dir: tree(t), Fault: tally.Lose}, &out)
	if err != nil || ok || strings.Contains(out.String(), "lost 0,") {
		t.Errorf("it gave %v, %v:\n%s", ok, err, out.String())
	}
}

func TestBadInput(t *testing.T) {
	empty := t.TempDir()
	for want, in := range map[string]Input{
		"does not exist":      {Dir: filepath.Join(empty, "none")},
		"has no Go files":     {Dir: empty},
		"is not a directory;": {Dir: os.Args[0]},
	} {
		if _, err := Run(t.Context(), in, &bytes.Buffer{}); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("it gave %v; want %q", err, want)
		}
	}
}

func TestDifference(t *testing.T) {
	want := inOrder(strings.Fields("a b a c a d"))
	found := inOrder(strings.Fields("a b a c a d"))
	if d := compare(found, want); !d.none() {
		t.Errorf("the same differs: %+v", d)
	}
	found = inOrder(strings.Fields("a b a c c"))
	x := found["b"]
	x.Order++
	found["b"], found["new"] = x, tally.Tally{N: 2}
	if d := compare(found, want); d.lost != 2 || d.twice != 3 || d.outOfOrder != 1 || len(d.keys) != 3 {
		t.Errorf("it gave %+v; want 2 lost (a, d), 3 twice (c, new), 1 out of order (b)", d)
	}
}
