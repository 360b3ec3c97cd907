package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/subjects/internal/subject"
	"github.com/go-desync/go-desync/conformance/subjects/internal/table"
)

const stale = "; the table in conformance/README.md is stale: run make conform"

func readTable(t *testing.T) string {
	t.Helper()
	text, err := table.Read("../README.md")
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat("../../go.work"); err != nil {
			t.Skip("the table is in the README of conformance, which this module alone has not")
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The table has these subjects, in these versions, and these rules, and says what
// the subjects do not claim.
func TestTableNamesSubjectsVersionsAndRules(t *testing.T) {
	text := readTable(t)
	names, rows := table.Rows(text)
	var subjects, versions, rules []string
	for _, s := range subject.All() {
		subjects = append(subjects, s.Name)
		versions = append(versions, s.Factory.Info.Version)
		for _, line := range table.Claims(s) {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("%s: there is no line %q%s", s.Name, line, stale)
			}
		}
	}
	for _, r := range conformance.Rules() {
		rules = append(rules, r.ID)
	}
	if got := rows[""]; !slices.Equal(got, subjects) {
		t.Errorf("its subjects are %q, want %q%s", got, subjects, stale)
	}
	if got := rows["version"]; !slices.Equal(got, versions) {
		t.Errorf("its versions are %q, want %q%s", got, versions, stale)
	}
	if want := slices.Concat([]string{"", "version"}, rules, []string{"whole"}); !slices.Equal(names, want) {
		t.Errorf("its rows are %q, want %q%s", names, want, stale)
	}
}

// column is one with a verdict on a rule.
func column(name string, correct, chance bool, rule string, v conformance.Verdict) table.Column {
	return table.Column{
		Subject: subject.Subject{Name: name, Correct: correct, Chance: chance},
		Report:  &conformance.Report{Rules: []conformance.RuleResult{{Rule: rule, Verdict: v, Detail: "why"}}},
	}
}

func TestCorrectSubjectsMustPass(t *testing.T) {
	for _, tc := range []struct {
		rule    string
		verdict conformance.Verdict
		race    bool
		want    string
	}{
		{"ORD-1", conformance.Pass, true, ""},
		{"ORD-1", conformance.Fail, true, "good, which is correct: the verdict on ORD-1 is fail: why"},
		{"ORD-1", conformance.Inconclusive, true, "good, which is correct: the verdict on ORD-1 is inconclusive: why"},
		{"CLO-1", conformance.NotClaimed, true, ""},
		{"SYN-3", conformance.CannotTest, true, ""},
		{"PAN-3", conformance.NotRun, false, "good, which is correct: PAN-3 did not run: why"},
		{"MEM-1", conformance.NotRun, true, "good, which is correct: MEM-1 did not run: why"},
		{"MEM-1", conformance.NotRun, false, ""},
	} {
		got := blamed([]table.Column{
			column("good", true, false, tc.rule, tc.verdict), column("other", false, false, tc.rule, tc.verdict), {Subject: subject.Subject{Correct: true}},
		}, tc.race)
		if text := strings.Join(got, "\n"); text != tc.want {
			t.Errorf("%s is %s, with the race detector: %v: it says %q, want %q", tc.rule, tc.verdict, tc.race, text, tc.want)
		}
	}
}

func TestChangedVerdictsAreTold(t *testing.T) {
	row := func(rule, cell string) string { return "| " + rule + " | " + cell + " |\n" }
	for _, tc := range []struct {
		rule, was, is string
		chance        bool
		want          string
	}{
		{"ASY-1", "pass", "pass", false, ""},
		{"ASY-1", "pass", "**fail**", false, `the verdict on ASY-1 of other was "pass", and is "**fail**" (why)`},
		{"ASY-1", "pass", "**fail**", true, ""},
		{"ASY-1", "pass", "inconclusive", true, `the verdict on ASY-1 of other was "pass", and is "inconclusive" (why)`},
		{"EXE-1", "pass", "inconclusive", false, ""}, // it rests on chance
		{"ASY-1", "pass | pass", "pass", false, "ASY-1 had 2 verdicts, and has 1"},
	} {
		var was, is string
		for _, r := range conformance.Rules() { // all others are as they were
			if r.ID != tc.rule {
				was, is = was+row(r.ID, "pass"), is+row(r.ID, "pass")
			}
		}
		got := changed(was+row(tc.rule, tc.was), is+row(tc.rule, tc.is), []table.Column{column("other", false, tc.chance, tc.rule, conformance.Fail)})
		if text := strings.Join(got, "\n"); text != tc.want {
			t.Errorf("%s was %s and is %s: it says %q, want %q", tc.rule, tc.was, tc.is, text, tc.want)
		}
	}
}

// A table is written although its verdicts are others than before, and that is told.
func TestWriteTellsOfChanges(t *testing.T) {
	report := new(conformance.Report)
	for _, r := range conformance.Rules() {
		report.Rules = append(report.Rules, conformance.RuleResult{Rule: r.ID, Verdict: conformance.Pass})
	}
	columns := []table.Column{{Subject: subject.Subject{Name: "other"}, Report: report}}
	text := table.Render(columns)
	file := filepath.Join(t.TempDir(), "table.md")
	old := "<!-- table: written by make conform -->\n" + strings.Replace(text, "| ASY-1 | pass |", "| ASY-1 | **fail** |", 1) + "<!-- end of table -->\n"
	if err := os.WriteFile(file, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		changes, err := write(file, columns, text)
		if err != nil || len(changes) != want || want > 0 && !strings.Contains(changes[0], `ASY-1 of other was "**fail**"`) {
			t.Errorf("it tells of the changes %q, error %v, want %d", changes, err, want)
		}
	}
	if now, err := table.Read(file); err != nil || now != text {
		t.Errorf("the file has the table\n%s\nerror %v, want\n%s", now, err, text)
	}
	report.Partial = true
	if _, err := write(file, columns, text); err == nil {
		t.Error("a partial report is written")
	}
}
