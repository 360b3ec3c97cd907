package conformance

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the rules into SPEC.md")

const (
	specBegin = "<!-- rules: written by go test -run TestSpec . -update -->\n"
	specEnd   = "<!-- end of rules -->\n"
)

// TestSpec compares the rules in SPEC.md with Rules.
func TestSpec(t *testing.T) {
	data, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(data), specBegin)
	old, foot, ok2 := strings.Cut(rest, specEnd)
	if !ok1 || !ok2 {
		t.Fatalf("SPEC.md lacks the line %q or %q", specBegin, specEnd)
	}
	want := specRules()
	if *update {
		if err := os.WriteFile("SPEC.md", []byte(head+specBegin+want+specEnd+foot), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != want {
		t.Errorf("the rules in SPEC.md are not those of Rules(); run go test -run TestSpec . -update")
	}
	for _, f := range Features() {
		if !strings.Contains(head, "| `"+string(f)+"` |") {
			t.Errorf("SPEC.md does not explain the feature %q in its table", f)
		}
	}
}

// specRules is the part of SPEC.md that lists the rules.
func specRules() string {
	var b strings.Builder
	b.WriteString("\n## Rules\n\n| rule | level | feature | method | mutants |\n|---|---|---|---|---|\n")
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d |\n", r.ID, r.Level, r.Feature, r.Method, len(r.Mutants))
	}
	var profile Profile
	rules := suite()
	slices.SortStableFunc(rules, func(a, b checkedRule) int { return profileOrder(a.Profile) - profileOrder(b.Profile) })
	for _, r := range rules {
		if r.Profile != profile {
			profile = r.Profile
			fmt.Fprintf(&b, "\n## Profile: %s\n", profile)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s %s\n\n%s\n\n", r.ID, "**"+string(r.Level)+".**", r.Text, "Without it: "+lower(r.Why))
		fmt.Fprintf(&b, "| feature | method | implied by | mutants |\n|---|---|---|---|\n| %s | %s | %s | %s |\n",
			r.Feature, r.Method, list(r.ImpliedBy), list(r.Mutants))
		if r.Reason != "" {
			fmt.Fprintf(&b, "\nUntestable: %s\n", lower(r.Reason))
		}
		for i, c := range r.cases {
			if i == 0 {
				b.WriteString("\nCases: ")
			} else {
				b.WriteString(", ")
			}
			b.WriteString("`" + c.id() + "`")
			if len(c.needs) > 0 {
				fmt.Fprintf(&b, " (with %s)", c.needs[0])
			}
			if c.child || c.race {
				b.WriteString(" (in a child process)")
			}
		}
		if len(r.cases) > 0 {
			fmt.Fprintf(&b, "\n\n**Behind a pass:** %s\n", r.Basis)
		}
		fmt.Fprintf(&b, "\n**A pass does not say:** %s\n", r.Beyond)
	}
	b.WriteString("\n")
	return b.String()
}

func profileOrder(p Profile) int {
	return slices.Index([]Profile{CoreProfile, ConcurrencyProfile, FutureProfile, CancelProfile, LifecycleProfile}, p)
}

func list(s []string) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, ", ")
}

func lower(s string) string {
	if strings.HasPrefix(s, "t.") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// TestEveryRuleIsChecked demands that rules, cases and mutants belong together.
func TestEveryRuleIsChecked(t *testing.T) {
	seen := map[string]bool{}
	for _, id := range slices.Concat(slices.Collect(maps.Keys(limits())), slices.Collect(maps.Keys(stands()))) {
		if !known(suite(), id) {
			t.Errorf("limits.go or limits_cells.go speaks of %s, which is no rule", id)
		}
	}
	for _, r := range suite() {
		if seen[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		seen[r.ID] = true
		cases := r.cases
		if r.Text == "" || r.Why == "" || r.Profile == "" || profileOrder(r.Profile) < 0 || !slices.Contains(Features(), r.Feature) {
			t.Errorf("%s lacks its text, its reason, its profile or its feature", r.ID)
		}
		switch {
		case r.Method == Untestable && (r.Reason == "" || len(cases) > 0):
			t.Errorf("%s is untestable: it needs a reason and has no case; it has the reason %q and %d cases", r.ID, r.Reason, len(cases))
		case r.Method != Untestable && len(cases) == 0:
			t.Errorf("%s has no case and is not untestable", r.ID)
		case r.Beyond == "" || r.Basis == "":
			t.Errorf("%s does not say what stands behind a pass, or what a pass does not say; limits.go is the place", r.ID)
		case r.Method != Untestable && r.Level == Must && len(r.Mutants) == 0:
			t.Errorf("%s is a testable MUST without a mutant that it must find", r.ID)
		}
		for _, by := range r.ImpliedBy {
			if !known(suite(), by) {
				t.Errorf("%s is implied by %s, which is no rule", r.ID, by)
			}
		}
		names := map[string]bool{}
		for _, c := range cases {
			if names[c.name] {
				t.Errorf("the case %s is there twice", c.id())
			}
			names[c.name] = true
			if c.race != (r.Method == RaceOnly) {
				t.Errorf("the case %s and its rule do not agree on the race detector", c.id())
			}
		}
	}
}
