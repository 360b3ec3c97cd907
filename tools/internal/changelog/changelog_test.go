package changelog

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const head = "# Changelog\n\nThe format.\n\n"

func parse(t *testing.T, text string) *Log {
	t.Helper()
	l, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return l
}

func TestRelease(t *testing.T) {
	date := time.Date(2026, time.March, 4, 23, 0, 0, 0, time.UTC)
	tests := []struct{ name, before, after string }{
		{
			"the first version",
			head + "## Unreleased\n\n### Added\n\n- One.\n",
			head + "## Unreleased\n\n## 1.2.3 - 2026-03-04\n\n### Added\n\n- One.\n",
		},
		{
			"a later version, in brackets",
			head + "## [Unreleased]\n\n- Two.\n\n## [1.2.2] - 2026-01-01\n\n- One.\n",
			head + "## [Unreleased]\n\n## [1.2.3] - 2026-03-04\n\n- Two.\n\n## [1.2.2] - 2026-01-01\n\n- One.\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parse(t, test.before).Release("v1.2.3", date)
			if diff := cmp.Diff(test.after, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			l := parse(t, string(got))
			if l.Latest() != "v1.2.3" || l.Unreleased() != "" {
				t.Errorf("then the newest version is %q and unreleased is %q, want v1.2.3 and nothing", l.Latest(), l.Unreleased())
			}
		})
	}
}

func TestRequire(t *testing.T) {
	const old = "\n## 0.1.0 - 2026-01-01\n\n- Requires a v0.0.1.\n"
	tests := []struct{ name, before, after string }{
		{"nothing else", "", "### Changed\n\n- Requires a v0.2.0.\n"},
		{"no section", "### Added\n\n- One.\n", "### Added\n\n- One.\n\n### Changed\n\n- Requires a v0.2.0.\n"},
		{"a section", "### Changed\n\n- One.\n\n### Fixed\n\n- Two.\n", "### Changed\n\n- Requires a v0.2.0.\n- One.\n\n### Fixed\n\n- Two.\n"},
		{"an earlier line", "### Changed\n\n- Requires a v0.1.1.\n- Requires ab v0.1.0.\n", "### Changed\n\n- Requires a v0.2.0.\n- Requires ab v0.1.0.\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := head + "## Unreleased\n\n" + test.before + old
			got := string(parse(t, before).Require("a", "v0.2.0"))
			if diff := cmp.Diff(head+"## Unreleased\n\n"+test.after+old, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, text, problem string }{
		{"no headings", head, "no heading ## Unreleased"},
		{"a version alone", "## 0.1.0 - 2026-01-01\n", "no heading ## Unreleased before"},
		{"unreleased twice", "## Unreleased\n## [Unreleased]\n", "not the first"},
		{"another heading", "## Unreleased\n## Older\n", `"## Older" is neither`},
		{"half a bracket", "## [Unreleased\n", "is neither"},
		{"no date", "## Unreleased\n## 0.1.0\n", "has no date"},
		{"no such date", "## Unreleased\n## 0.1.0 - 2026-02-30\n", "has no date"},
		{"no version", "## Unreleased\n## 0.01.0 - 2026-02-01\n", "names no version"},
		{"oldest first", "## Unreleased\n## 0.1.0 - 2026-01-01\n## 0.2.0 - 2026-01-02\n", `"## 0.2.0 - 2026-01-02" is not below`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("Parse(%q): error %v; want one with %q", test.text, err, test.problem)
			}
		})
	}
}
