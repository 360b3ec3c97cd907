package matrix

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	intro = `# Mutants

The suite is tested on implementations that are broken on purpose: one correct
implementation (internal/mutant) with one fault each. A rule must find the mutants
that [SPEC.md](../SPEC.md) names for it when it is the only one that is run, in the
budget that the table names. A deterministic rule, or one for the race detector, must
find them with every seed, a stochastic one with 19 of 20. Many mutants have a
parameter, a size, a time (T) or how long a window is open (W), which the seed draws.
The implementation without a fault, and the three in internal/reference, must pass all
rules.

This file is written by the tool that ran the mutants. Each case ran in a process of
its own.
`
	casesIntro = `
## Cases

How often each case found a mutant of its rule, all mutants and seeds together. A
case that never does would show nothing by a pass.

| case | found |
|---|---|
`
)

// Markdown returns the text of MUTANTS.md.
func (m *Matrix) Markdown() string {
	var b strings.Builder
	b.WriteString(intro)
	fmt.Fprintf(&b, "\n%d mutants, %d seeds; %s, %s/%s, %d CPUs; %v.\n", len(m.Rows), m.Seeds, m.Go, m.OS, m.Arch, m.CPUs, m.Took.Round(time.Second))
	if m.NoRace != "" {
		b.WriteString("The race detector needs a C compiler, and there was none: what needs it reads not-run.\n")
	}
	if lines := m.Survivors(); len(lines) > 0 {
		b.WriteString("\nNot found often enough:\n\n- " + strings.Join(lines, "\n- ") + "\n")
	} else {
		b.WriteString("Every rule found every mutant that it must find.\n")
	}
	fmt.Fprintf(&b, `
## Mutant by rule

The time is the median of what the rule's cases took together, with the start of
their processes.
%s
| mutant | kind | what is wrong | parameter | budget | rule | method | found | time |`, m.others())
	if m.Whole {
		b.WriteString(" also found by |\n|---|---|---|---|---|---|---|---|---|---|\n")
	} else {
		b.WriteString("\n|---|---|---|---|---|---|---|---|---|\n")
	}
	for _, row := range m.Rows {
		for i, c := range row.Cells {
			about, others := []string{row.Mutant, row.Kind, row.Doc, row.Range, row.Budget}, strings.Join(row.Others, ", ")
			if i > 0 {
				about, others = make([]string, len(about)), ""
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |", strings.Join(about, " | "), c.Rule, c.Method, m.found(c), c.time())
			if m.Whole {
				b.WriteString(" " + others + " |")
			}
			b.WriteString("\n")
		}
	}
	if m.Stop { // what came after the first finding was not tried
		return b.String()
	}
	b.WriteString(casesIntro)
	all := m.Cases()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "| %s | %d |\n", name, all[name])
	}
	return b.String()
}

// time is what the table says of how long a rule took.
func (c *Cell) time() string {
	if c.Runs == 0 {
		return ""
	}
	return c.median().Round(time.Millisecond).String()
}

func (m *Matrix) others() string {
	if !m.Whole {
		return ""
	}
	return "The rules in the last column found the mutant too, in one run of the whole suite\nwith the seed 1; nothing demands that they do.\n"
}
