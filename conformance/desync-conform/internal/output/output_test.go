package output

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-desync/go-desync/conformance"
)

// sample is a report with a bit of everything.
func sample() *conformance.Report {
	r := &conformance.Report{
		Schema: 1, Implementation: conformance.Implementation{Name: "queue", Version: "v1.2", URL: "https://example.com/queue"},
		Environment: conformance.Environment{Go: "go1.27", OS: "linux", Arch: "amd64", CPUs: 2, GOMAXPROCS: 2, Slowdown: 1},
		Budget:      conformance.Short, Seed: 7, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Duration: 3 * time.Second,
		Verdict: conformance.Fail, Partial: true, Because: []string{"MEM-1 not-run: no race detector"},
	}
	for _, rule := range conformance.Rules() {
		res := conformance.RuleResult{Rule: rule.ID, Level: rule.Level, Feature: rule.Feature, Profile: rule.Profile, Verdict: conformance.Pass}
		c := conformance.CaseResult{Case: rule.ID + "/all", Rule: rule.ID, Verdict: conformance.Pass, Duration: time.Millisecond}
		switch rule.ID {
		case "ORD-1":
			c.Verdict, c.Detail = conformance.Fail, "ORD-1 violated: #2 ran before #1"
			c.Failure = &conformance.Failure{
				Rule: rule.ID, Message: c.Detail + "\n g1 |--call#1|", Again: "again", Output: "\x1b[31mred ]]> ``` | \xff", Dump: strings.Repeat("goroutine\n", 100),
				File: "x.history", Program: &conformance.Program{Case: c.Case, Procs: 1, Objects: 1, Clients: [][]conformance.Step{
					{{
						Kind: "do-context", Object: 1, Also: []int{2}, Cancel: &conformance.Pause{Yields: 1, Spins: 2, Micros: 3}, Before: conformance.Pause{Yields: 1},
						Start: conformance.Pause{Yields: 1}, End: conformance.Pause{Yields: 1}, After: conformance.Pause{Yields: 1},
					}}, nil,
				}},
			}
		case "ORD-2":
			c.Histories, res.Detail = 12, "not refuted in 12 histories"
			c.Crossings, c.Tried = 7, []conformance.Tried{{What: "queued jobs", Sizes: []int{1, 2, 3, 5}}}
		case "MEM-1":
			c.Verdict, c.Detail = conformance.NotRun, "no race detector"
		case "EXE-1":
			c.Verdict, c.Detail, c.AtFirst = conformance.Inconclusive, "calls hang", "too slow"
		case "PAR-1":
			c.Verdict, c.Detail = conformance.NotClaimed, "parallel: a pool of | one"
		case "LEAK-2":
			res.Level = conformance.Should
			c.Verdict, c.Detail = conformance.Fail, "kept"
			c.Failure = &conformance.Failure{Rule: rule.ID, Message: "a job is kept"}
		}
		if rule.Method == conformance.Untestable {
			res.Verdict, res.Detail = conformance.CannotTest, rule.Reason
		} else {
			res.Cases = []conformance.CaseResult{c}
			if c.Verdict != conformance.Pass {
				res.Verdict, res.Detail = c.Verdict, c.Detail
			}
		}
		r.Rules = append(r.Rules, res)
	}
	return r
}

func text(t *testing.T, form func(io.Writer, []*conformance.Report) error, reports ...*conformance.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := form(&b, reports); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatWasTriedIsShown(t *testing.T) {
	md := text(t, Markdown, sample())
	for _, want := range []string{
		"\n## What was tried on queue v1.2\n\n- EXE-1/all was tried again at the end, alone: inconclusive. At first: too slow\n",
		"\n- ORD-2/all: 1 to 3 and 5 queued jobs; 7 passages from idle to busy\n",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("the Markdown lacks %q:\n%s", want, md)
		}
	}
	if s := Summary(sample()); !strings.Contains(s, "\nEXE-1/all was tried again at the end, alone: inconclusive. At first: too slow\n") {
		t.Errorf("the summary does not say what was tried again:\n%s", s)
	}
}

func TestJSONIsAnArrayOfReports(t *testing.T) {
	var back []*conformance.Report
	if err := json.Unmarshal([]byte(text(t, JSON, sample(), sample())), &back); err != nil {
		t.Fatal(err)
	}
	want := sample()
	want.Rules[2].Cases[0].Failure.Output = strings.ToValidUTF8(want.Rules[2].Cases[0].Failure.Output, "\uFFFD")
	if len(back) != 2 {
		t.Fatalf("%d reports came back, want 2", len(back))
	}
	if diff := cmp.Diff(want, back[1]); diff != "" {
		t.Errorf("the report came back changed (-want +got):\n%s", diff)
	}
}

func TestJUnit(t *testing.T) {
	got := text(t, JUnit, sample())
	var all struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Out     string  `xml:"system-out"`
				Failure *string `xml:"failure"`
				Error   *string `xml:"error"`
				Skipped *struct {
					Message string `xml:"message,attr"`
				} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(got), &all); err != nil {
		t.Fatalf("it is not XML: %v\n%s", err, got)
	}
	if n := len(conformance.Rules()) + 1; all.Tests != n || all.Failures != 1 || all.Errors != 2 {
		t.Errorf("%d tests, %d failures, %d errors; want %d, 1 (the MUST), 2 (inconclusive, partial)", all.Tests, all.Failures, all.Errors, n)
	}
	if name := all.Suites[0].Name; name != "queue v1.2" {
		t.Errorf("the suite is called %q", name)
	}
	for _, c := range all.Suites[0].Cases {
		var ok bool
		switch c.Name {
		case "ORD-1/all":
			ok = c.Failure != nil && strings.Contains(*c.Failure, "|--call#1|") && strings.Contains(*c.Failure, "red ]]>")
		case "EXE-1/all", "the report is whole":
			ok = c.Error != nil
		case "LEAK-2/all":
			ok = c.Failure == nil && strings.Contains(c.Out, "a job is kept")
		case "MEM-1/all":
			ok = c.Skipped != nil && strings.Contains(c.Skipped.Message, "no race detector")
		case "SYN-3":
			ok = c.Skipped != nil && strings.HasPrefix(c.Skipped.Message, "untestable: ")
		default:
			continue
		}
		if !ok {
			t.Errorf("%s is wrong in\n%s", c.Name, got)
		}
	}
}

func wantAll(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in\n%s", w, got)
		}
	}
}

func TestMarkdown(t *testing.T) {
	other := sample()
	other.Implementation = conformance.Implementation{Name: "other"}
	other.Rules = other.Rules[:5]
	got := text(t, Markdown, sample(), other)
	wantAll(t, got,
		"- queue v1.2: does not conform, and the report is PARTIAL (",
		"  - MEM-1 not-run: no race detector\n",
		"| rule | level | [queue v1.2](https://example.com/queue) | other |\n|---|---|---|---|\n",
		"| ORD-1 | MUST | **fail** | **fail** |\n", "| EXE-1 | MUST | inconclusive | missing |\n",
		"- unsupported: parallel: a pool of \\| one (PAR-1)\n",
		"### ORD-1/all (MUST)\n\n````text\nORD-1 violated: #2 ran before #1\n g1 |--call#1|\n",
		"### LEAK-2/all (SHOULD)")
}

func TestSummary(t *testing.T) {
	wantAll(t, Summary(sample()),
		"queue v1.2\nbudget short, seed 7; go1.27 linux/amd64, GOMAXPROCS 2\n",
		"\nORD-1   fail          ORD-1 violated: #2 ran before #1\n",
		"\nORD-2   pass          not refuted in 12 histories\n",
		"\nPAR-1   unsupported   parallel: a pool of | one\n",
		"\nLEAK-2  fail          (SHOULD) kept\n",
		"\nFAIL ORD-1/all (MUST)\n  ORD-1 violated: #2 ran before #1\n   g1 |--call#1|\n  again: again\n",
		" more lines, which the JSON report has\n",
		"queue v1.2: does not conform, and the report is PARTIAL (", "2 fail, 1 of them SHOULD",
		"\n  MEM-1 not-run: no race detector\n")
}

func TestSummaryIsShort(t *testing.T) {
	r := sample()
	r.Rules[2].Cases[0].Failure.Dump = "goroutine 2 [select]:\nsubject"
	r.Because = []string{"broken off"}
	for _, rule := range []string{"ORD-2", "ORD-3", "ORD-4", "EXE-1", "EXE-2", "EXC-1", "SYN-1"} {
		res := r.Rule(rule)
		res.Verdict, res.Detail, res.Cases = conformance.Skipped, "not selected", nil
		r.Because = append(r.Because, rule+" skipped: not selected")
	}
	got := Summary(r)
	wantAll(t, got, "\n  broken off\n  ORD-2, ORD-3, ORD-4, EXE-1, EXE-2, and 2 more skipped: not selected\n", "7 skipped", "goroutine 2 [select]:\n  subject\n")
	for _, not := range []string{"\nORD-2 ", "\nSYN-3 "} {
		if strings.Contains(got, not) {
			t.Errorf("the summary has %q:\n%s", not, got)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsAreReturned(t *testing.T) {
	for name, form := range map[string]func(io.Writer, []*conformance.Report) error{
		"JSON": JSON, "JUnit": JUnit, "Markdown": Markdown, "Table": Table,
	} {
		if err := form(broken{}, []*conformance.Report{sample()}); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s on a broken writer returned %v", name, err)
		}
	}
}
