package history

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// shown is how many operations a page has besides those that break a rule. More
// would not be legible on paper.
const shown = 24

// The measures of the drawing, in pixels.
const (
	glyph  = 8 // width of a character
	gap    = 3 // between stamps, and beside a label
	lineY  = 26
	barY   = 18
	margin = 12
)

// WriteHTML writes a page that shows a history: the operations as bars in the row
// of their client, the order in which the jobs ran below, and what Check finds in
// it, marked. The page is one file that loads nothing else; its script only shows
// the details of a bar. Of a large history it shows what is next to the violation,
// or the first operations if there is none, and says so.
//
// It returns a [*MalformedError] if Check does, or the error of the writer.
func WriteHTML(w io.Writer, h *History) error {
	var v *Violation
	if err := Check(h); err != nil && !errors.As(err, &v) {
		return err
	}
	return page.Execute(w, view(h, v))
}

// viewed is what the page shows.
type viewed struct {
	Meta                  Meta
	Verdict, Picture      string
	Shown, Total, CutFrom int
	Left, Width, Height   int
	Rows                  []viewRow
	Bars                  []viewBar
	Operations            []viewOperation
}

type viewRow struct {
	Label string
	Y     int
}

type viewBar struct {
	X, Y, Width, Height, TextX, TextY int
	Class, Label, Detail              string
	ID                                int
}

type viewOperation struct {
	Operation
	Guilty bool
}

func view(h *History, v *Violation) *viewed {
	p := &viewed{Meta: h.Meta, Verdict: "No violation found.", Total: len(h.Operations), CutFrom: h.CutFrom}
	var ops []Operation
	if v != nil {
		ops = h.Cut(v, shown).Operations
		p.Verdict, p.Picture = v.Error(), v.Picture()
	} else {
		ops = slices.SortedFunc(slices.Values(h.Operations), func(a, b Operation) int { return cmp.Compare(a.Call, b.Call) })
		ops = ops[:min(len(ops), shown)]
	}
	p.Shown = len(ops)
	guilty := func(o *Operation) bool { return v != nil && v.names(o.ID) }
	for i := range ops {
		p.Operations = append(p.Operations, viewOperation{ops[i], guilty(&ops[i])})
	}
	p.draw(bars(ops, objectsOf(ops, v)), guilty)
	return p
}

// objectsOf returns the objects whose runs are shown.
func objectsOf(ops []Operation, v *Violation) []int {
	if v != nil {
		return []int{v.Object}
	}
	var objects []int
	for _, o := range ops {
		objects = append(append(objects, o.Object), o.Also...)
	}
	slices.Sort(objects)
	return slices.Compact(objects)
}

func (p *viewed) draw(all []bar, guilty func(*Operation) bool) {
	label := func(b bar) string { return fmt.Sprintf("#%d", b.op.ID) }
	for _, b := range all {
		p.Left = max(p.Left, margin+glyph*len(b.row))
	}
	column := columns(all, gap, func(b bar) int { return glyph*len(label(b)) + 2*gap })
	y, row := margin, ""
	for _, line := range lay(all) {
		if line[0].row != row {
			row = line[0].row
			p.Rows = append(p.Rows, viewRow{row, y + barY - 5})
		}
		for _, b := range line {
			d := viewBar{
				X: p.Left + margin + column[b.from], Y: y, Width: column[b.to] - column[b.from], Height: barY,
				Label: label(b), Detail: detail(b.op), Class: "call " + string(b.op.Outcome), ID: b.op.ID,
			}
			if b.run {
				d.Class = "run"
			}
			if b.open {
				d.Class += " open"
			}
			if guilty(b.op) {
				d.Class += " guilty"
			}
			d.TextX, d.TextY = d.X+gap, y+barY-5
			p.Bars = append(p.Bars, d)
			p.Width = max(p.Width, d.X+d.Width+margin)
		}
		y += lineY
	}
	p.Height = y + margin
}

// detail describes an operation in a line.
func detail(o *Operation) string {
	at := func(stamp int64, missing string) string {
		if stamp == 0 {
			return missing
		}
		return fmt.Sprint(stamp)
	}
	s := fmt.Sprintf("#%d: %s by client %d on object %d", o.ID, cmp.Or(o.Kind, "call"), o.Client, o.Object)
	for _, object := range o.Also {
		s += fmt.Sprintf(" and %d", object)
	}
	s += fmt.Sprintf("; called %d, returned %s", o.Call, at(o.Return, "never"))
	if o.Start == 0 {
		s += "; never ran"
	} else {
		s += fmt.Sprintf("; ran %d to %s", o.Start, at(o.End, "no end"))
	}
	if o.Again != nil {
		s += fmt.Sprintf(", and again %d to %s", o.Again.Start, at(o.Again.End, "no end"))
	}
	return s + "; " + string(o.Outcome)
}
