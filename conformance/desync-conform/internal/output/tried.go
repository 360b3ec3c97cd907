package output

import (
	"fmt"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// tried lists what cases did in numbers: the sizes that they tried, and how often an
// object went from idle to busy. It is what "not refuted" can be judged by.
func tried(r *conformance.Report) (lines []string) {
	for i := range r.Rules {
		for _, c := range r.Rules[i].Cases {
			var parts []string
			for _, x := range c.Tried {
				parts = append(parts, x.String())
			}
			if c.Crossings > 0 {
				parts = append(parts, fmt.Sprintf("%d passages from idle to busy", c.Crossings))
			}
			if len(parts) > 0 {
				lines = append(lines, c.Case+": "+strings.Join(parts, "; "))
			}
		}
	}
	return lines
}

// again lists the cases that were tried a second time, and what came of it.
func again(r *conformance.Report) (lines []string) {
	for i := range r.Rules {
		for _, c := range r.Rules[i].Cases {
			if c.AtFirst != "" {
				lines = append(lines, fmt.Sprintf("%s was tried again at the end, alone: %s. At first: %s", c.Case, c.Verdict, c.AtFirst))
			}
		}
	}
	return lines
}
