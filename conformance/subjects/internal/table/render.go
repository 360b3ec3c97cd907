// Package table writes the verdicts on the subjects as a table, rule by subject,
// and reads such a table again.
package table

import (
	"fmt"
	"strings"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/subjects/internal/subject"
)

// A Column is a subject and what was found about it.
type Column struct {
	Subject subject.Subject
	Report  *conformance.Report // nil if there is none
}

// The cells that are not verdicts as they stand.
const (
	failed   = "**fail**"
	none     = "-" // unsupported
	noReport = "no report"
)

// Render returns the table, and below it what each subject is, why it is not judged
// by some rules, and what it fails.
func Render(columns []Column) string {
	var b strings.Builder
	b.WriteString(heading(columns))
	b.WriteString("| |")
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", c.Subject.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n| version |")
	for _, c := range columns {
		fmt.Fprintf(&b, " %s |", c.Subject.Factory.Info.Version)
	}
	b.WriteString("\n")
	for _, rule := range conformance.Rules() {
		fmt.Fprintf(&b, "| %s |", rule.ID)
		for _, c := range columns {
			fmt.Fprintf(&b, " %s |", cell(c.Report, rule.ID))
		}
		b.WriteString("\n")
	}
	b.WriteString("| whole |")
	for _, c := range columns {
		verdict := noReport
		if c.Report != nil {
			verdict = mark(c.Report.Verdict)
		}
		fmt.Fprintf(&b, " %s |", verdict)
	}
	b.WriteString("\n")
	for _, c := range columns {
		b.WriteString("\n" + about(c))
	}
	return b.String()
}

// heading says how the table came about.
func heading(columns []Column) string {
	for _, c := range columns {
		if r := c.Report; r != nil {
			return fmt.Sprintf("Measured with %s on %s/%s, GOMAXPROCS %d, budget %s, seed %d.\n\n",
				r.Environment.Go, r.Environment.OS, r.Environment.Arch, r.Environment.GOMAXPROCS, r.Budget, r.Seed)
		}
	}
	return ""
}

func cell(r *conformance.Report, rule string) string {
	if r == nil {
		return noReport
	}
	return mark(r.Rule(rule).Verdict)
}

func mark(v conformance.Verdict) string {
	switch v {
	case conformance.Fail:
		return failed
	case conformance.NotClaimed:
		return none
	}
	return string(v)
}

// about describes a column.
func about(c Column) string {
	var b strings.Builder
	info := c.Subject.Factory.Info
	name := info.Name
	if info.URL != "" {
		name = fmt.Sprintf("[%s](%s)", info.Name, info.URL)
	}
	fmt.Fprintf(&b, "**%s**: %s\n", c.Subject.Name, name)
	if list := append(Claims(c.Subject), results(c)...); len(list) > 0 {
		b.WriteString("\n" + strings.Join(list, "\n") + "\n")
	}
	return b.String()
}

// Claims lists what a subject does not claim, and why, as Render writes it.
func Claims(s subject.Subject) (list []string) {
	var absent []string
	for _, f := range conformance.Features() {
		claim := s.Factory.Features[f]
		switch {
		case claim.Reason() != "":
			list = append(list, fmt.Sprintf("- unsupported `%s`: %s", f, claim.Reason()))
		case optional(f) && !claim.Supported():
			absent = append(absent, "`"+string(f)+"`")
		}
	}
	if len(absent) > 0 {
		list = append(list, "- no method for: "+strings.Join(absent, ", "))
	}
	return list
}

// results lists the cases that neither pass nor lack a feature.
func results(c Column) (list []string) {
	if c.Report == nil {
		return []string{"- " + noReport + ": its process ended without one"}
	}
	for _, rule := range c.Report.Rules {
		for _, res := range rule.Cases {
			if res.Verdict == conformance.Pass || res.Verdict == conformance.NotClaimed {
				continue
			}
			text := strings.TrimPrefix(res.Detail, rule.Rule+": ")
			if note := c.Subject.Notes[rule.Rule]; note != "" && res.Verdict == conformance.Fail {
				text += "; the documentation says: " + note
			}
			list = append(list, fmt.Sprintf("- %s %s: %s", res.Verdict, res.Case, text))
		}
	}
	return list
}

// optional reports whether a feature is one that an implementation has by a method. What
// only a table of keys can have is left out.
func optional(f conformance.Feature) bool {
	switch f {
	case conformance.FeatureFuture, conformance.FeatureCancel, conformance.FeatureCancelFuture, conformance.FeatureTry, conformance.FeatureAfter,
		conformance.FeatureSuspend, conformance.FeatureSeveral, conformance.FeatureClose, conformance.FeaturePanicHandler, conformance.FeatureKeys:
		return true
	}
	return false
}
