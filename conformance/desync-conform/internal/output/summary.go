package output

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-desync/go-desync/conformance"
)

const (
	wide    = 90 // characters of a reason in the table
	longest = 40 // lines of a failure
)

// Summary returns a report for a terminal: each rule with its verdict and the
// reason, then the failures and what was tried again, then the conclusion. It leaves out the end of long dumps
// and, if only some rules were selected, the others.
func Summary(r *conformance.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", title(r.Implementation), setting(r))
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "rule\tverdict\treason\n")
	some := slices.ContainsFunc(r.Rules, notSelected)
	for _, rule := range r.Rules {
		detail := rule.Detail
		switch {
		case notSelected(rule), some && rule.Verdict == conformance.CannotTest:
			continue
		case rule.Verdict == conformance.Fail && rule.Level == conformance.Should:
			detail = "(SHOULD) " + detail
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", rule.Rule, rule.Verdict, short(detail))
	}
	table.Flush() // to memory

	failures(r, func(rule *conformance.RuleResult, c *conformance.CaseResult) {
		fmt.Fprintf(&b, "\nFAIL %s (%s)\n%s", c.Case, rule.Level, indent(message(c)))
	})
	if lines := again(r); len(lines) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(lines, "\n"))
	}
	fmt.Fprintf(&b, "\n%s\n", Conclusion(r))
	if r.Partial {
		for _, reason := range because(r) {
			fmt.Fprintf(&b, "  %s\n", short(reason))
		}
	}
	return tidy(b.String())
}

// notSelected reports whether a rule was left out, not by a skip with a reason, but
// because others were selected.
func notSelected(r conformance.RuleResult) bool {
	return r.Verdict == conformance.Skipped && len(r.Cases) == 0
}

// short makes one line of a text, of bounded length.
func short(s string) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > wide {
		return string(runes[:wide-1]) + "…"
	}
	return string(runes)
}

// indent sets a text off, and cuts it if it is long.
func indent(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	if len(lines) > longest {
		rest := len(lines) - longest
		lines = append(lines[:longest], fmt.Sprintf("... and %d more lines, which the JSON report has", rest))
	}
	return "  " + strings.Join(lines, "\n  ") + "\n"
}

// tidy removes the blanks that the table leaves at the ends of lines.
func tidy(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Line returns the outcome of a case in a line.
func Line(c conformance.CaseResult) string {
	return strings.TrimSpace(fmt.Sprintf("%-12s %s  %s", c.Verdict, c.Case, short(c.Detail)))
}
