package index

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiffOfEqualResultsIsEmpty(t *testing.T) {
	if got := Diff("a", fixtureResult(), "b", fixtureResult()); len(got) != 0 {
		t.Errorf("equal results differ: %q", got)
	}
}

func TestDiffNamesEveryDifference(t *testing.T) {
	tests := map[string]struct {
		change func(r *Result)
		want   []string
	}{
		"listed": {
			func(r *Result) { r.Listed = 1 },
			[]string{"files listed: 7 in a, 1 in b"},
		},
		"a count": {
			func(r *Result) { r.Names["a"] = Tally{4, 2} },
			[]string{"identifier a: {Count:3 Files:2} in a, {Count:4 Files:2} in b"},
		},
		"names only on one side": {
			func(r *Result) { delete(r.Names, "b"); r.Names["c"] = Tally{} },
			[]string{
				"identifier b: {Count:1 Files:1} in a, absent in b",
				"identifier c: absent in a, {Count:0 Files:0} in b",
			},
		},
		"a package": {
			func(r *Result) { delete(r.Packages, "a/dir.go") },
			[]string{"package a/dir.go: {Files:1 Lines:1 Bytes:10 Names:1} in a, absent in b"},
		},
		"a skipped file": {
			func(r *Result) { r.Skipped[2].Reason = "lost" },
			[]string{"skipped a/pipe.go: {Path:a/pipe.go Kind:not readable Reason:a/pipe.go: not a regular file} in a, " +
				"{Path:a/pipe.go Kind:not readable Reason:lost} in b"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := fixtureResult(), fixtureResult()
			test.change(&b)
			if diff := cmp.Diff(test.want, Diff("in a", a, "in b", b)); diff != "" {
				t.Errorf("Diff (-want +got):\n%s", diff)
			}
		})
	}
}
