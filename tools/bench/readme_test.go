package main

import (
	"slices"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
	"github.com/go-desync/go-desync/tools/bench/internal/workload"
)

// The table was written by the program, and has the rows that it would have now. The
// figures are those of another machine and time.
func TestTheTableInTheReadmeIsOurs(t *testing.T) {
	table, err := report.ReadTable("README.md")
	if err != nil {
		t.Fatal(err)
	}
	ids, filled := report.TableRows(table)
	if !filled {
		t.Log("there are no figures yet")
		return
	}
	var want []string
	tiny := measure.Options{Rounds: 1, Limit: time.Minute, Shrink: 1_000}
	for _, w := range workload.All() {
		rows, err := w.Measure(t.Context(), subject.Desync{}, subject.Goals(), tiny)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Goal != nil {
				want = append(want, r.ID())
			}
		}
	}
	if !slices.Equal(ids, want) {
		t.Errorf("the rows of the table are\n%q, want those with goals:\n%q; let %s --readme README.md write it", ids, want, report.Program)
	}
}
