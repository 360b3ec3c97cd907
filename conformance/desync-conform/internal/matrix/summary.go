package matrix

import (
	"fmt"
	"strings"
	"time"
)

// Summary returns the matrix as a Markdown table with a line for each kind of mutant.
func (m *Matrix) Summary() string {
	type sum struct {
		mutants, always, enough int
		survive                 []string
	}
	kinds := map[string]*sum{}
	var order []string
	for _, row := range m.Rows {
		s := kinds[row.Kind]
		if s == nil {
			s = new(sum)
			kinds[row.Kind] = s
			order = append(order, row.Kind)
		}
		always, survives := true, false
		for _, c := range row.Cells {
			always = always && c.Kills == m.Seeds
			survives = survives || m.survives(c)
		}
		switch s.mutants++; {
		case survives:
			s.survive = append(s.survive, row.Mutant)
		case always:
			s.always++
		default:
			s.enough++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d mutants, seeds %d to %d, on %d CPUs, %s, in %v.\n\n", len(m.Rows), m.First, m.First+uint64(m.Seeds)-1, m.CPUs, m.Go, m.Took.Round(time.Second))
	b.WriteString("| kind | mutants | found with every seed | found often enough | survive |\n|---|---|---|---|---|\n")
	for _, kind := range order {
		s := kinds[kind]
		list := "none"
		if len(s.survive) > 0 {
			list = strings.Join(s.survive, ", ")
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", kind, s.mutants, s.always, s.enough, list)
	}
	return b.String()
}
