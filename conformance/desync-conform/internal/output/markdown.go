package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// Markdown writes the reports: their conclusions, the table, each failure with its
// message, and what was tried in numbers.
func Markdown(w io.Writer, reports []*conformance.Report) error {
	var b strings.Builder
	b.WriteString("# Conformance\n\n")
	for _, r := range reports {
		fmt.Fprintf(&b, "- %s. %s.\n", Escape(Conclusion(r)), Escape(setting(r)))
		if r.Partial {
			for _, reason := range because(r) {
				fmt.Fprintf(&b, "  - %s\n", Escape(reason))
			}
		}
	}
	b.WriteString("\n")
	if err := Table(&b, reports); err != nil {
		return err
	}
	for _, r := range reports {
		some := false
		failures(r, func(rule *conformance.RuleResult, c *conformance.CaseResult) {
			if !some {
				fmt.Fprintf(&b, "\n## Failures of %s\n", Escape(title(r.Implementation)))
				some = true
			}
			text := message(c)
			fmt.Fprintf(&b, "\n### %s (%s)\n\n%s\n", c.Case, rule.Level, fenced(text))
		})
		if lines := append(again(r), tried(r)...); len(lines) > 0 {
			fmt.Fprintf(&b, "\n## What was tried on %s\n\n", Escape(title(r.Implementation)))
			for _, line := range lines {
				fmt.Fprintf(&b, "- %s\n", Escape(line))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Table writes the verdicts as a table, rule by subject, and below it the reasons
// for what is neither a pass nor a fail. The same verdicts make the same text.
func Table(w io.Writer, reports []*conformance.Report) error {
	var b strings.Builder
	b.WriteString("| rule | level |")
	for _, r := range reports {
		name := Escape(title(r.Implementation))
		if url := r.Implementation.URL; url != "" {
			name = fmt.Sprintf("[%s](%s)", name, url)
		}
		fmt.Fprintf(&b, " %s |", name)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(reports)) + "\n")
	for _, rule := range conformance.Rules() {
		fmt.Fprintf(&b, "| %s | %s |", rule.ID, rule.Level)
		for _, r := range reports {
			cell := "missing"
			if res := r.Rule(rule.ID); res != nil {
				cell = string(res.Verdict)
			}
			if cell == string(conformance.Fail) {
				cell = "**fail**"
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	for _, r := range reports {
		if list := reasons(r); list != "" {
			fmt.Fprintf(&b, "\n%s:\n\n%s", Escape(title(r.Implementation)), list)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// reasons lists why rules were not judged, with the rules of one reason together.
func reasons(r *conformance.Report) string {
	var order []string
	rules := map[string][]string{}
	for _, rule := range r.Rules {
		switch rule.Verdict {
		case conformance.Pass, conformance.Fail, conformance.CannotTest:
			continue
		}
		why := fmt.Sprintf("%s: %s", rule.Verdict, short(rule.Detail))
		if rules[why] == nil {
			order = append(order, why)
		}
		rules[why] = append(rules[why], rule.Rule)
	}
	var b strings.Builder
	for _, why := range order {
		fmt.Fprintf(&b, "- %s (%s)\n", Escape(why), strings.Join(rules[why], ", "))
	}
	return b.String()
}

// Escape keeps a text from being read as Markdown, also in a table.
func Escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "\n", " ").Replace(s)
}

// fenced is a block of code with a fence that does not occur in it.
func fenced(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(s, "\n") + "\n" + fence
}
