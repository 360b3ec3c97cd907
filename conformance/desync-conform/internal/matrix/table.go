package matrix

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// Table returns the matrix as a text: a line for each mutant and rule.
func (m *Matrix) Table() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "mutant\tkind\tparameter\tbudget\trule\tmethod\tfound\ttime\n")
	survivors := 0
	for _, row := range m.Rows {
		for _, c := range row.Cells {
			note := ""
			if m.survives(c) {
				survivors++
				note = "  SURVIVES"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s%s\n",
				row.Mutant, row.Kind, row.Range, row.Budget, c.Rule, c.Method, m.found(c), c.time(), note)
		}
	}
	table.Flush() // to memory
	fmt.Fprintf(&b, "\n%d mutants, seeds %d to %d, in %v: %d survive\n",
		len(m.Rows), m.First, m.First+uint64(m.Seeds)-1, m.Took.Round(time.Second), survivors)
	return b.String()
}
