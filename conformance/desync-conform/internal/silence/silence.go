// Package silence counts what the suite says against correct implementations: it should
// say nothing.
package silence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-desync/go-desync/conformance"
)

// A Row is about one correct subject.
type Row struct {
	Subject      string
	Planned      int
	Runs         int                  // that have ended with a report
	Failed       int                  // with a finding, or without a report
	Inconclusive int                  // with a case that could not be decided
	Findings     []string             // what was found, and with which seed
	Undecided    map[string]Undecided // by case
	Unreasoned   []string             // cases that were not decided and do not say why
}

// Undecided is about a case that could not be decided.
type Undecided struct {
	Runs int
	Why  string // in the first of them
}

// Add counts a run. The error says why there is no report.
func (r *Row) Add(seed uint64, report *conformance.Report, err error) {
	if err != nil {
		r.Failed++
		r.Findings = append(r.Findings, fmt.Sprintf("seed %d: %v", seed, err))
		return
	}
	r.Runs++
	failed, unsure := false, false
	for _, rule := range report.Rules {
		for _, c := range rule.Cases {
			switch {
			case c.Verdict == conformance.Fail:
				failed = true
				r.Findings = append(r.Findings, fmt.Sprintf("seed %d: %s: %s", seed, c.Case, c.Detail))
			case c.Verdict != conformance.Inconclusive:
			case c.Detail == "":
				r.Unreasoned = append(r.Unreasoned, fmt.Sprintf("seed %d: %s", seed, c.Case))
			default:
				unsure = true
				if r.Undecided == nil {
					r.Undecided = map[string]Undecided{}
				}
				u := r.Undecided[c.Case]
				r.Undecided[c.Case] = Undecided{u.Runs + 1, cmp.Or(u.Why, c.Detail)}
			}
		}
	}
	if failed {
		r.Failed++
	}
	if unsure {
		r.Inconclusive++
	}
}

// Failed reports whether something was said against one of the subjects, or a case was
// not decided without a reason.
func Failed(rows []Row) bool {
	return slices.ContainsFunc(rows, func(r Row) bool { return r.Failed > 0 || len(r.Unreasoned) > 0 })
}

// Table returns the rows as a text, with all findings and reasons below. It says beside how
// many busy processes the runs were made, and how many at a time.
func Table(rows []Row, hogs, atATime int) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "subject\truns\tfailed\tinconclusive\n")
	runs, failed := 0, 0
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", r.Subject, r.Runs, r.Failed, r.Inconclusive)
		runs, failed = runs+r.Runs, failed+r.Failed
	}
	table.Flush() // to memory
	for _, r := range rows {
		for _, line := range r.Findings {
			fmt.Fprintf(&b, "\nFALSE ALARM %s, %s", r.Subject, line)
		}
		for _, line := range r.Unreasoned {
			fmt.Fprintf(&b, "\nNO REASON %s, %s is inconclusive", r.Subject, line)
		}
		for _, id := range slices.Sorted(maps.Keys(r.Undecided)) {
			u := r.Undecided[id]
			fmt.Fprintf(&b, "\ninconclusive %s, %d times, %s: %s", r.Subject, u.Runs, id, u.Why)
		}
	}
	side := ""
	if atATime > 1 {
		side = fmt.Sprintf(", %d runs at a time", atATime)
	}
	fmt.Fprintf(&b, "\n%d subjects, %d runs beside %d busy processes%s: %d failed\n", len(rows), runs, hogs, side, failed)
	return b.String()
}
