package history

import (
	"cmp"
	"fmt"
	"strings"
)

// Picture draws the violation: what happened in a line, then for each client its
// calls, from call to return, and last the order in which the jobs ran. Time goes
// from left to right, not to scale. A bar that ends in dots has not ended.
func (v *Violation) Picture() string {
	all := bars(v.Operations, []int{v.Object})
	column := columns(all, 1, func(b bar) int {
		left, right := b.ends()
		return len(left) + len(right)
	})
	margin := 0
	for _, b := range all {
		margin = max(margin, len(b.row))
	}
	margin += 2 // a space before the name and one after it
	var out strings.Builder
	fmt.Fprintln(&out, v.Error())
	for _, line := range lay(all) {
		text := " " + line[0].row
		for _, b := range line {
			text += strings.Repeat(" ", margin+column[b.from]-len(text)) + b.text(column[b.to]-column[b.from])
		}
		fmt.Fprintln(&out, text)
	}
	for _, o := range v.Operations {
		if o.Start == 0 {
			fmt.Fprintf(&out, " #%d never ran\n", o.ID)
		}
	}
	return out.String()
}

// ends returns what stands at the left and the right end of the bar.
func (b bar) ends() (left, right string) {
	if b.run {
		left, right = fmt.Sprintf("[#%d", b.op.ID), "]"
	} else {
		left, right = fmt.Sprintf("|--%s#%d--", cmp.Or(b.op.Kind, "call"), b.op.ID), "ret|"
		if b.op.Outcome == Canceled || b.op.Outcome == Refused {
			right = string(b.op.Outcome) + "|"
		}
	}
	if b.open {
		right = "..."
	}
	return left, right
}

func (b bar) text(width int) string {
	left, right := b.ends()
	fill := " "
	if b.open {
		fill = "."
	} else if !b.run {
		fill = "-"
	}
	return left + strings.Repeat(fill, width-len(left)-len(right)) + right
}
