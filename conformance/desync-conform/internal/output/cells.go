package output

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// The measures of the picture of cells, in pixels.
const (
	boxWidth, boxHeight = 92, 34
	leftMargin          = 150
	topMargin           = 70
)

// A box is the cells of one call in one state, those of all rules together.
type box struct {
	ran, of, broken int
	rules           []string
}

// Cells draws the table of cells of each report as SVG: the calls beside each other and
// the states below each other, and in each box how many cells were played of how many.
func Cells(w io.Writer, reports []*conformance.Report) error {
	var b strings.Builder
	width, height := 0, 0
	for _, r := range reports {
		calls, states, boxes := cells(r)
		fmt.Fprintf(&b, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", height+24, svgText(caption(r, boxes)))
		for i, call := range calls {
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", leftMargin+i*boxWidth, height+topMargin-8, svgText(strings.TrimSuffix(call, " another")))
		}
		for j, state := range states {
			y := height + topMargin + j*boxHeight
			fmt.Fprintf(&b, `<text x="10" y="%d">%s</text>`+"\n", y+20, svgText(state))
			for i, call := range calls {
				draw(&b, leftMargin+i*boxWidth, y, call+", "+state, boxes[[2]string{call, state}])
			}
		}
		width = max(width, leftMargin+len(calls)*boxWidth+10)
		height += topMargin + len(states)*boxHeight + 20
	}
	_, err := fmt.Fprintf(w, `%s<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">
<rect width="100%%" height="100%%" fill="white"/>
%s</svg>
`, xml.Header, max(width, 600), max(height, 40), b.String())
	return err
}

// cells adds up the cells of a report, box by box.
func cells(r *conformance.Report) (calls, states []string, boxes map[[2]string]*box) {
	boxes = map[[2]string]*box{}
	for _, rule := range r.Rules {
		for _, c := range rule.Cases {
			for _, n := range c.Cells {
				at := [2]string{n.Call, n.State}
				if boxes[at] == nil {
					boxes[at] = new(box)
				}
				boxes[at].add(rule.Rule, n)
				calls = appendNew(calls, n.Call)
				states = appendNew(states, n.State)
			}
		}
	}
	order := conformance.CellStates()
	slices.SortFunc(states, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	order = conformance.CellCalls()
	slices.SortFunc(calls, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return calls, states, boxes
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func (x *box) add(rule string, n conformance.CellCount) {
	x.ran += n.Ran
	x.of += n.Of
	x.broken += n.Broken
	x.rules = append(x.rules, fmt.Sprintf("%s: %d of %d", rule, n.Ran, n.Of))
	if n.Broken > 0 {
		x.rules[len(x.rules)-1] += fmt.Sprintf(", %d broken", n.Broken)
	}
}

func caption(r *conformance.Report, boxes map[[2]string]*box) string {
	var all box
	for _, x := range boxes {
		all.ran, all.of = all.ran+x.ran, all.of+x.of
	}
	return fmt.Sprintf("%s: %d of %d cells played, each counted for every rule that it is played for; budget %s, seed %d",
		title(r.Implementation), all.ran, all.of, r.Budget, r.Seed)
}

// draw draws a box: red if a rule is broken, the greener the more was played, and empty
// where the table has no cells.
func draw(b *strings.Builder, x, y int, name string, c *box) {
	fill, label, rules := "none", "", []string{"no cells"}
	if c != nil {
		label, rules = fmt.Sprintf("%d of %d", c.ran, c.of), c.rules
		fill = fmt.Sprintf("hsl(130, 45%%, %d%%)", 95-30*c.ran/c.of)
		if c.broken > 0 {
			fill = "hsl(0, 70%, 75%)"
		}
	}
	fmt.Fprintf(b, `<g><title>%s`+"\n"+`%s</title><rect x="%d" y="%d" width="%d" height="%d" fill="%s" stroke="#ccc"/><text x="%d" y="%d">%s</text></g>`+"\n",
		svgText(name), svgText(strings.Join(rules, "\n")), x, y, boxWidth-2, boxHeight-2, fill, x+4, y+20, label)
}

// svgText is s as the text of an element.
func svgText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // to memory
	return strings.ReplaceAll(b.String(), "&#xA;", "\n")
}
