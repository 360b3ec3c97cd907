package readme

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// TestFiguresOfTheGuide checks that the page about costs has rows of the README's tables
// as they are there, so that both change together.
func TestFiguresOfTheGuide(t *testing.T) {
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	rows := func(file string) (rows []string) {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "|") {
				rows = append(rows, line)
			}
		}
		return rows
	}
	whole := rows("README.md")
	part := rows("docs/guide/costs.md")
	if len(part) < 10 {
		t.Errorf("docs/guide/costs.md has only %d rows", len(part))
	}
	for _, row := range part {
		if !slices.Contains(whole, row) {
			t.Errorf("docs/guide/costs.md has a row that README.md has not; copy it from there:\n%s", row)
		}
	}
}
