package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
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

// Each deterministic rule is measured again. The verdicts on the other rules are
// not: they rest on chance, or need a second build. On a subject that rests on
// chance itself, pass and fail are one.
func TestTableHasVerdictsOfDeterministicRules(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	text := readTable(t)
	if raceEnabled {
		t.Skip("the verdicts are compared in the build without the race detector, which the table is made with")
	}
	var rules []string
	for _, r := range conformance.Rules() {
		if r.Method == conformance.Deterministic {
			rules = append(rules, r.ID)
		}
	}
	program, remove, err := buildPrograms(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer remove()

	subjects := subject.All()
	columns := make([]table.Column, len(subjects))
	var running sync.WaitGroup
	atOnce := make(chan struct{}, 4) // much of the time they wait
	for i, s := range subjects {
		running.Go(func() {
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			report, err := judge(t.Context(), s, "short", 1, rules, program, func(string) {})
			if err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
			columns[i] = table.Column{Subject: s, Report: report}
		})
	}
	running.Wait()

	_, want := table.Rows(text)
	_, got := table.Rows(table.Render(columns))
	for _, rule := range rules {
		for i, s := range subjects {
			if len(want[rule]) != len(subjects) {
				t.Fatalf("%s has %d cells, want %d%s", rule, len(want[rule]), len(subjects), stale)
			}
			if got[rule][i] == want[rule][i] || s.Chance && judged(got[rule][i]) && judged(want[rule][i]) {
				continue
			}
			detail := ""
			if columns[i].Report != nil {
				detail = columns[i].Report.Rule(rule).Detail
			}
			t.Errorf("%s, %s: measured %q (%s), the table has %q%s", s.Name, rule, got[rule][i], detail, want[rule][i], stale)
		}
	}
}

func judged(cell string) bool { return cell == "pass" || cell == "**fail**" }
