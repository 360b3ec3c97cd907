package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Markdown writes the rows as a table, with what can be compared and what cannot.
func Markdown(rows []Row, rounds int, machine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Nanoseconds for each call, the median of %d runs, and in parentheses the fastest and the slowest run. %s.\n\n| peer | runtime |", rounds, machine)
	for _, w := range Words {
		fmt.Fprintf(&b, " %s |", w.Column())
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---:|", len(Words)) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |", strings.TrimSpace(r.Name+" "+r.Version), strings.ReplaceAll(r.Runtime, "|", "/"))
		for _, figures := range r.Nanos {
			b.WriteString(" " + cell(figures) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, w := range Words {
		fmt.Fprintf(&b, "- `%s`: %s\n", w.Column(), w.Means)
	}
	b.WriteString("\nStarted by:\n\n")
	for _, r := range rows {
		if r.NotRun != "" {
			fmt.Fprintf(&b, "- %s: not run: %s\n", r.Name, strings.ReplaceAll(r.NotRun, "\n", " "))
			continue
		}
		fmt.Fprintf(&b, "- %s: `%s`\n", r.Name, strings.Join(r.Command, " "))
	}
	return b.String()
}

// Claim compares two rows, the only ones whose figures may be set side by side: by how much
// the first takes less time, or more.
func Claim(ours, theirs Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s beside %s, its time divided by the other's, the median of the rounds, and the lowest and the highest:\n\n", ours.Name, theirs.Name)
	for i, w := range Words {
		n := min(len(ours.Nanos[i]), len(theirs.Nanos[i]))
		if n == 0 {
			continue
		}
		ratios := make([]float64, n)
		for k := range n {
			ratios[k] = ours.Nanos[i][k] / theirs.Nanos[i][k]
		}
		fmt.Fprintf(&b, "- `%s`: %.2f (%.2f to %.2f)\n", w.Column(), Median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	return b.String()
}

// cell is a median with its spread.
func cell(figures []float64) string {
	if len(figures) == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (%s to %s)", rounded(Median(figures)), rounded(slices.Min(figures)), rounded(slices.Max(figures)))
}

// rounded keeps two digits, or what is before the point.
func rounded(ns float64) string {
	if ns < 10 {
		return fmt.Sprintf("%.1f", ns)
	}
	unit := math.Pow(10, max(0, math.Floor(math.Log10(ns))-1))
	return fmt.Sprintf("%.0f", math.Round(ns/unit)*unit)
}
