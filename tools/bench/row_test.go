package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// The command in a row measures that row, in the same form.
func TestOneRowAgain(t *testing.T) {
	_, stdout, _ := run(t.Context(), subject.Desync{}, "--run=^(Do|idle object|kept .*|Map, .* zipf .*)$", "--json")
	var r report.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) < 10 {
		t.Fatalf("%d rows", len(r.Rows))
	}
	for _, row := range r.Rows {
		args, ok := strings.CutPrefix(row.Rerun, report.Program+" ")
		if !ok {
			t.Errorf("%q does not begin with %q", row.Rerun, report.Program)
		}
		code, stdout, stderr := run(t.Context(), subject.Desync{}, append(strings.Fields(args), "--json")...)
		var again report.Report
		if err := json.Unmarshal([]byte(stdout), &again); code != exitDone || err != nil {
			t.Errorf("%s: exit code %d, %v, %s", row.Rerun, code, err, stderr)
			continue
		}
		same := 0
		for _, a := range again.Rows {
			if a.Workload != row.Workload || a.Against != row.Against {
				t.Errorf("%s: has a row of %s against %q", row.Rerun, a.Workload, a.Against)
			}
			if a.Unit == row.Unit {
				same++
			}
		}
		if same != 1 {
			t.Errorf("%s: %d rows with %s, want 1", row.Rerun, same, row.Unit)
		}
	}
}

// A row that is measured alone has its bound beside it, and nothing else.
func TestARowWithABound(t *testing.T) {
	code, stdout, stderr := run(t.Context(), subject.Desync{}, "--row=future-and-await/goroutine-per-job", "--json")
	var r report.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitDone {
		t.Fatalf("exit code %d, %v, %s", code, err, stderr)
	}
	if len(r.Rows) != 1 || r.Rows[0].Goal == nil || r.Rows[0].Goal.Bound == nil || r.Rows[0].Goal.Bound.By != subject.LeastQueueName {
		t.Errorf("the rows are %+v; want one, with the bound by %s", r.Rows, subject.LeastQueueName)
	}
}

func TestARowThatIsNotThere(t *testing.T) {
	code, stdout, _ := run(t.Context(), subject.Desync{}, "--row=no-such-workload/mutex", "--json")
	if code != exitUsage || stdout != "" {
		t.Errorf("exit code %d, stdout %q; want %d and nothing", code, stdout, exitUsage)
	}
	code, _, stderr := run(t.Context(), subject.Desync{}, "--row=do/nobody")
	if code != exitUsage || !strings.Contains(stderr, "no such row") {
		t.Errorf("exit code %d, stderr %q; want %d and the reason", code, stderr, exitUsage)
	}
}
