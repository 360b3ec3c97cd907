package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Modules that must stay apart have a few files in common. They differ in the package
// clause alone.
func TestTwins(t *testing.T) {
	root, err := Root(".")
	require.NoError(t, err)
	for _, twins := range [][]string{
		{"futures/bubble.go", "desync/bubble.go", "adapters/internal/room/bubble.go"},
	} {
		var want string
		for i, name := range twins {
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			require.NoError(t, err)
			_, rest, found := strings.Cut(string(text), "\n")
			require.True(t, found && strings.HasPrefix(string(text), "package "), "%s does not begin with a package clause", name)
			if i == 0 {
				want = rest
			}
			require.Equal(t, want, rest, "%s differs from %s", name, twins[0])
		}
	}
}
