package main

import (
	"fmt"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/subjects/internal/table"
)

// blamed returns what the suite says against subjects that are correct: each rule that they
// claim must pass, those about memory too if they were run.
func blamed(columns []table.Column, race bool) (lines []string) {
	for _, c := range columns {
		if c.Report == nil || !c.Subject.Correct {
			continue
		}
		for _, r := range c.Report.Rules {
			switch r.Verdict {
			case conformance.Pass, conformance.NotClaimed, conformance.CannotTest, conformance.Skipped:
			case conformance.NotRun:
				if race || methodOf(r.Rule) != conformance.RaceOnly {
					lines = append(lines, fmt.Sprintf("%s, which is correct: %s did not run: %s", c.Subject.Name, r.Rule, r.Detail))
				}
			default:
				lines = append(lines, fmt.Sprintf("%s, which is correct: the verdict on %s is %s: %s", c.Subject.Name, r.Rule, r.Verdict, r.Detail))
			}
		}
	}
	return lines
}

// changed returns in which verdicts a table differs from an older one. The verdicts on rules
// that rest on chance, or on the race detector, may differ, and so may pass and fail of a
// subject that rests on chance itself.
func changed(old, text string, columns []table.Column) (lines []string) {
	_, before := table.Rows(old)
	_, after := table.Rows(text)
	for _, rule := range conformance.Rules() {
		if rule.Method != conformance.Deterministic {
			continue
		}
		was, is := before[rule.ID], after[rule.ID]
		if len(was) != len(columns) {
			lines = append(lines, fmt.Sprintf("%s had %d verdicts, and has %d", rule.ID, len(was), len(columns)))
			continue
		}
		for i, c := range columns {
			if was[i] == is[i] || c.Subject.Chance && judged(was[i]) && judged(is[i]) {
				continue
			}
			lines = append(lines, fmt.Sprintf("the verdict on %s of %s was %q, and is %q (%s)", rule.ID, c.Subject.Name, was[i], is[i], c.Report.Rule(rule.ID).Detail))
		}
	}
	return lines
}

func judged(cell string) bool { return cell == "pass" || cell == "**fail**" }

func methodOf(id string) conformance.Method {
	for _, r := range conformance.Rules() {
		if r.ID == id {
			return r.Method
		}
	}
	return ""
}
