package table

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/subjects/internal/subject"
)

// column returns one on which every rule has the same verdict.
func column(v conformance.Verdict) Column {
	r := &conformance.Report{Verdict: v}
	for _, rule := range conformance.Rules() {
		r.Rules = append(r.Rules, conformance.RuleResult{
			Rule: rule.ID, Verdict: v,
			Cases: []conformance.CaseResult{{Case: rule.ID + "/case", Verdict: v, Detail: rule.ID + ": why"}},
		})
	}
	return Column{Report: r, Subject: subject.Subject{
		Name:  string(v),
		Notes: map[string]string{"NST-2": "“blocks”"},
		Factory: conformance.Factory{
			Info:     conformance.Implementation{Name: "the " + string(v), Version: "v1", URL: "https://example.com"},
			Features: map[conformance.Feature]conformance.Claim{conformance.FeatureCaller: conformance.Unsupported("pools"), conformance.FeatureFuture: conformance.Supported()},
		},
	}}
}

func TestRender(t *testing.T) {
	lost := column(conformance.Pass)
	lost.Subject.Name, lost.Report = "lost", nil
	text := Render([]Column{column(conformance.Pass), column(conformance.Fail), column(conformance.NotClaimed), lost})
	for _, want := range []string{
		"| | pass | fail | unsupported | lost |",
		"| version | v1 | v1 | v1 | v1 |",
		"| ORD-1 | pass | **fail** | - | no report |",
		"| whole | pass | **fail** | - | no report |",
		"**fail**: [the fail](https://example.com)",
		"- unsupported `caller`: pools",
		"- no method for: `cancel`, `cancel-future`, `try`, `after`, `suspend`, `several`, `close`, `panic-handler`, `keys`",
		"- fail ORD-1/case: why",
		"- fail NST-2/case: why; the documentation says: “blocks”",
		"- no report: its process ended without one",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no line %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "pass ORD-1/case") || strings.Contains(text, "unsupported ORD-1/case") {
		t.Errorf("cases that pass or are not claimed are listed:\n%s", text)
	}
	names, rows := Rows(text)
	if len(names) != len(conformance.Rules())+3 || names[0] != "" || names[1] != "version" || names[2] != "META-1" {
		t.Errorf("Rows reads other rows than Render wrote: %q", names)
	}
	if got, want := rows["ORD-1"], []string{"pass", "**fail**", "-", "no report"}; !slices.Equal(got, want) {
		t.Errorf("Rows reads %q, want %q", got, want)
	}
}

func TestReplace(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"between the markers", "a\n" + begin + "\nold\n" + end + "\nb\n", "a\n" + begin + "\n\nnew\n\n" + end + "\nb\n"},
		{"nothing there yet", begin + end, begin + "\n\nnew\n\n" + end},
		{"no marker", "a\n", ""},
		{"no end", begin + "\nold\n", ""},
		{"twice", begin + end + begin + end, ""},
		{"in the wrong order", end + begin, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := t.TempDir() + "/README.md"
			if err := os.WriteFile(file, []byte(test.before), 0o600); err != nil {
				t.Fatal(err)
			}
			err := Replace(file, "new\n")
			if (err == nil) != (test.after != "") {
				t.Errorf("the error is %v", err)
			}
			want := test.after
			if want == "" {
				want = test.before
			}
			data, _ := os.ReadFile(file)
			if string(data) != want {
				t.Errorf("the file is now %q, want %q", data, want)
			}
			if err != nil {
				return
			}
			if text, err := Read(file); err != nil || text != "new\n" {
				t.Errorf("Read returns %q and the error %v, want what was written", text, err)
			}
		})
	}
}
