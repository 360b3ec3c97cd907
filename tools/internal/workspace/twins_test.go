package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Modules that must not import each other have copies of a few files. The copies
// differ only in the package clause, which is the first line.
func TestTwins(t *testing.T) {
	root, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, twins := range [][]string{
		{"futures/bubble.go", "desync/bubble.go", "adapters/internal/room/bubble.go"},
	} {
		var want string
		for i, name := range twins {
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			clause, rest, _ := strings.Cut(string(text), "\n")
			if !strings.HasPrefix(clause, "package ") {
				t.Errorf("%s begins with %q and not with a package clause", name, clause)
			}
			if i == 0 {
				want = rest
			}
			if diff := cmp.Diff(want, rest); diff != "" {
				t.Errorf("%s differs from %s (-, +):\n%s", name, twins[0], diff)
			}
		}
	}
}
