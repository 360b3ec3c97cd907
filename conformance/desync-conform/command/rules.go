package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-desync/go-desync/conformance"
)

const width = 80 // of a line of text

type subjectsCommand struct{}

func (*subjectsCommand) run(_ context.Context, e *env) int {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range e.subjects {
		fmt.Fprintf(table, "%s\t%s\n", s.Name, s.About)
	}
	table.Flush() // to memory
	return e.print(b.String(), exitConforms)
}

type rulesCommand struct{}

func (*rulesCommand) run(_ context.Context, e *env) int {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "rule\tlevel\tprofile\tfeature\tmethod\n")
	for _, r := range conformance.Rules() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Level, r.Profile, r.Feature, r.Method)
	}
	table.Flush() // to memory
	b.WriteString("\ndesync-conform explain RULE says what a rule demands.\n")
	return e.print(b.String(), exitConforms)
}

type explainCommand struct {
	Rule string `arg:"" help:"The ID of the rule, such as ORD-1."`
}

func (c *explainCommand) run(_ context.Context, e *env) int {
	all := conformance.Rules()
	i := slices.IndexFunc(all, func(r conformance.Rule) bool { return strings.EqualFold(r.ID, c.Rule) })
	if i < 0 {
		return e.usage("unknown rule %q; desync-conform rules lists them", c.Rule)
	}
	return e.print(e.explain(all[i]), exitConforms)
}

func (e *env) explain(r conformance.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, profile %s, feature %s)\n\n", r.ID, r.Level, r.Profile, r.Feature)
	b.WriteString(wrap(r.Text, ""))
	fmt.Fprintf(&b, "\nWithout it:\n%s", wrap(r.Why, "  "))
	fmt.Fprintf(&b, "\nHow it is checked:\n%s", wrap(method(r), "  "))
	if r.Method != conformance.Untestable {
		fmt.Fprintf(&b, "\nBehind a pass:\n%s", wrap(r.Basis, "  "))
	}
	fmt.Fprintf(&b, "\nA pass does not say:\n%s", wrap(r.Beyond, "  "))
	if len(r.ImpliedBy) > 0 {
		fmt.Fprintf(&b, "\nImplied by:\n  %s\n", strings.Join(r.ImpliedBy, ", "))
	}
	if len(r.Mutants) == 0 {
		return b.String()
	}
	b.WriteString("\nIt must find these mutants, which are broken on purpose:\n")
	for _, m := range r.Mutants {
		about := ""
		if s, err := e.subject("mutant/" + m); err == nil {
			about = ": " + s.About
		}
		b.WriteString("  - " + strings.TrimLeft(wrap(m+about, "    "), " "))
	}
	if _, err := e.subject("mutant/" + r.Mutants[0]); err == nil {
		fmt.Fprintf(&b, "\nTo see it fail:\n  desync-conform run --subject=mutant/%s --rule=%s\n", r.Mutants[0], r.ID)
	}
	return b.String()
}

// method says in words how a rule is checked.
func method(r conformance.Rule) string {
	switch r.Method {
	case conformance.Deterministic:
		return "Deterministic: jobs wait at gates that the suite opens, so a fault shows every time."
	case conformance.Stochastic:
		return "Stochastic: random programs run or calls race, and what came of it is judged. A pass reads \"not refuted in N histories\"."
	case conformance.RaceOnly:
		return "By the race detector: it needs a binary built with -race, and reads not-run without one."
	}
	return "Untestable: " + r.Reason
}

// wrap breaks a text into lines, each with the indent.
func wrap(text, indent string) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if line != indent && len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
	return b.String()
}
