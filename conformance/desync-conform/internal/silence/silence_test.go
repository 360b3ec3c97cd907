package silence

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

func report(v conformance.Verdict, detail string) *conformance.Report {
	return &conformance.Report{Rules: []conformance.RuleResult{{
		Rule: "ORD-1", Cases: []conformance.CaseResult{{Case: "ORD-1/a", Verdict: v, Detail: detail}},
	}}}
}

func TestRows(t *testing.T) {
	for name, test := range map[string]struct {
		report *conformance.Report
		err    error
		failed bool
		want   string
	}{
		"silent":           {report(conformance.Pass, ""), nil, false, "a        1     0       0"},
		"not claimed":      {report(conformance.NotClaimed, "try: not claimed"), nil, false, "a        1     0       0"},
		"a finding":        {report(conformance.Fail, "ORD-1: wrong"), nil, true, "FALSE ALARM a, seed 7: ORD-1/a: ORD-1: wrong"},
		"no report":        {nil, errors.New("the run ended"), true, "FALSE ALARM a, seed 7: the run ended"},
		"undecided":        {report(conformance.Inconclusive, "too slow"), nil, false, "inconclusive a, 1 times, ORD-1/a: too slow"},
		"without a reason": {report(conformance.Inconclusive, ""), nil, true, "NO REASON a, seed 7: ORD-1/a is inconclusive"},
	} {
		rows := []Row{{Subject: "a", Planned: 1}}
		rows[0].Add(7, test.report, test.err)
		if Failed(rows) != test.failed {
			t.Errorf("%s: failed: %v, want %v", name, !test.failed, test.failed)
		}
		if text := Table(rows, 2, 1); !strings.Contains(text, test.want) || !strings.Contains(text, "beside 2 busy processes") {
			t.Errorf("%s: the table is\n%s\nwant %q in it", name, text, test.want)
		}
	}
	if text := Table(nil, 2, 3); !strings.Contains(text, "beside 2 busy processes, 3 runs at a time: 0 failed") {
		t.Errorf("the table does not say how many runs were made at a time:\n%s", text)
	}
}
