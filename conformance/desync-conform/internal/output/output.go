// Package output writes reports for people and for programs: as JSON, JUnit XML
// and Markdown, and as the summary on a terminal. It decides nothing: what a
// report says, each form says.
package output

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// JSON writes an array of the reports. Each element is valid by
// report.schema.json of the module conformance.
func JSON(w io.Writer, reports []*conformance.Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(reports)
}

// title is the name of an implementation with its version.
func title(i conformance.Implementation) string {
	return strings.TrimSpace(i.Name + " " + i.Version)
}

// Conclusion says what a report comes to, in a line.
func Conclusion(r *conformance.Report) string {
	var what string
	switch r.Verdict {
	case conformance.Pass:
		what = "conforms"
	case conformance.Fail:
		what = "does not conform"
	default:
		what = "inconclusive"
	}
	if r.Partial {
		what += ", and the report is PARTIAL"
	}
	return fmt.Sprintf("%s: %s (%s)", title(r.Implementation), what, counts(r))
}

// counts says how many rules got which verdict.
func counts(r *conformance.Report) string {
	var parts []string
	for _, v := range verdicts() {
		n, should := 0, 0
		for i := range r.Rules {
			if r.Rules[i].Verdict == v {
				n++
				if r.Rules[i].Level == conformance.Should {
					should++
				}
			}
		}
		switch {
		case n == 0:
		case v == conformance.Fail && should > 0:
			parts = append(parts, fmt.Sprintf("%d %s, %d of them SHOULD", n, v, should))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(parts, ", ")
}

func verdicts() []conformance.Verdict {
	return []conformance.Verdict{
		conformance.Pass, conformance.Fail, conformance.Inconclusive, conformance.NotRun,
		conformance.Skipped, conformance.NotClaimed, conformance.CannotTest,
	}
}

// because lists the reasons for which a report is partial, those of many rules
// together.
func because(r *conformance.Report) (lines []string) {
	var order []string
	rules := map[string][]string{}
	for _, reason := range r.Because {
		rule, why, _ := strings.Cut(reason, " ")
		if r.Rule(rule) == nil {
			lines = append(lines, reason)
			continue
		}
		if rules[why] == nil {
			order = append(order, why)
		}
		rules[why] = append(rules[why], rule)
	}
	const few = 5
	for _, why := range order {
		ids := rules[why]
		if len(ids) > few {
			ids = append(ids[:few:few], fmt.Sprintf("and %d more", len(ids)-few))
		}
		lines = append(lines, strings.Join(ids, ", ")+" "+why)
	}
	return lines
}

// setting says what ran where.
func setting(r *conformance.Report) string {
	e := r.Environment
	race := ""
	if e.Race {
		race = ", race detector"
	}
	return fmt.Sprintf("budget %s, seed %d; %s %s/%s, GOMAXPROCS %d%s", r.Budget, r.Seed, e.Go, e.OS, e.Arch, e.GOMAXPROCS, race)
}

// failures calls each with every case that failed.
func failures(r *conformance.Report, each func(*conformance.RuleResult, *conformance.CaseResult)) {
	for i := range r.Rules {
		for j := range r.Rules[i].Cases {
			if c := &r.Rules[i].Cases[j]; c.Verdict == conformance.Fail {
				each(&r.Rules[i], c)
			}
		}
	}
}

// message is what a failed case says in full; without a failure, its detail.
func message(c *conformance.CaseResult) string {
	if c.Failure == nil {
		return cmp.Or(c.Detail, "no message")
	}
	return c.Failure.String()
}
