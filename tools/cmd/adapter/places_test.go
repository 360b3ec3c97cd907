package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaces(t *testing.T) {
	for _, test := range []struct{ name, old, text string }{
		{"a list with others behind it", "## Unreleased\n\n### Added\n\n- A.\n\n### Fixed\n\n- B.\n", "## Unreleased\n\n### Added\n\n- A.\n" + lineOfFoo + "\n### Fixed\n\n- B.\n"},
		{"a list at the end", "## Unreleased\n\n### Added\n\n- A.", "## Unreleased\n\n### Added\n\n- A.\n" + lineOfFoo},
		{"an entry of two lines", "## [Unreleased]\n\n### Added\n\n- A,\n  and B.\n\n## [0.1.0] - 2026-01-02\n", "## [Unreleased]\n\n### Added\n\n- A,\n  and B.\n" + lineOfFoo + "\n## [0.1.0] - 2026-01-02\n"},
		{"nothing added", "## Unreleased\n\n### Fixed\n\n- B.\n", "## Unreleased\n\n### Added\n\n" + lineOfFoo + "\n### Fixed\n\n- B.\n"},
		{"nothing unreleased", "## Unreleased\n\n## 0.1.0 - 2026-01-02\n\n### Added\n\n- A.\n", "## Unreleased\n\n### Added\n\n" + lineOfFoo + "\n## 0.1.0 - 2026-01-02\n\n### Added\n\n- A.\n"},
		{"nothing at all", "## Unreleased", "## Unreleased\n\n### Added\n\n" + lineOfFoo},
		{"an empty list before another", "## Unreleased\n\n### Added\n\n### Fixed\n", "## Unreleased\n\n### Added\n\n" + lineOfFoo + "\n### Fixed\n"},
		{"an empty list", "## Unreleased\n\n### Added\n", "## Unreleased\n\n### Added\n\n" + lineOfFoo},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := addEntry(test.old, "foo")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.text, got); diff != "" {
				t.Errorf("changelog (-want +got):\n%s", diff)
			}
		})
	}
	for _, old := range []string{"| package | what |\n|:--|---|", "| package | what |\n|---|---|\n| `a` | b |"} {
		if got, err := addRow(old, "foo"); err != nil || got != old+"\n"+rowOfFoo {
			t.Errorf("a table at the end of its file: %q, error %v", got, err)
		}
	}
}
