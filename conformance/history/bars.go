package history

import (
	"cmp"
	"fmt"
	"slices"
)

// A bar is a call or a run of an operation as it is drawn: a stretch of time in a
// row.
type bar struct {
	row      string
	from, to int64
	open     bool // it has not ended: to is after everything else
	run      bool
	op       *Operation
}

// bars returns those of the calls, by client, and those of the runs on each of the
// objects in turn.
func bars(ops []Operation, objects []int) []bar {
	end := int64(0)
	for i := range ops {
		o := &ops[i]
		end = max(end, o.Call+1, o.Return+1, o.Start+1, o.End+1)
		if o.Again != nil {
			end = max(end, o.Again.Start+1, o.Again.End+1)
		}
	}
	drawn := func(row string, from, to int64, o *Operation) bar {
		if to == 0 {
			return bar{row: row, from: from, to: end, open: true, op: o}
		}
		return bar{row: row, from: from, to: to, op: o}
	}
	var all []bar
	for i := range ops {
		o := &ops[i]
		all = append(all, drawn(fmt.Sprintf("g%d", o.Client), o.Call, o.Return, o))
	}
	slices.SortStableFunc(all, func(a, b bar) int {
		return cmp.Or(cmp.Compare(a.op.Client, b.op.Client), cmp.Compare(a.from, b.from))
	})
	for _, object := range objects {
		row := "run"
		if len(objects) > 1 {
			row = fmt.Sprintf("run on %d", object)
		}
		var runs []bar
		for i := range ops {
			o := &ops[i]
			spans := []Span{{o.Start, o.End}}
			if o.Again != nil {
				spans = append(spans, *o.Again)
			}
			for _, s := range spans {
				if s.Start != 0 && o.on(object) {
					b := drawn(row, s.Start, s.End, o)
					b.run = true
					runs = append(runs, b)
				}
			}
		}
		slices.SortStableFunc(runs, func(a, b bar) int { return cmp.Compare(a.from, b.from) })
		all = append(all, runs...)
	}
	return all
}

// columns gives each stamp a column, in their order and gap apart or more, such
// that all bars fit.
func columns(bars []bar, gap int, width func(bar) int) map[int64]int {
	var stamps []int64
	ending := map[int64][]bar{}
	for _, b := range bars {
		stamps = append(stamps, b.from, b.to)
		ending[b.to] = append(ending[b.to], b)
	}
	slices.Sort(stamps)
	column := map[int64]int{}
	next := 0
	for _, s := range slices.Compact(stamps) {
		column[s] = next
		for _, b := range ending[s] {
			column[s] = max(column[s], column[b.from]+width(b))
		}
		next = column[s] + gap
	}
	return column
}

// lay puts bars of the same row on one line as long as they do not overlap.
func lay(bars []bar) [][]bar {
	var lines [][]bar
	for _, b := range bars {
		fits := slices.IndexFunc(lines, func(line []bar) bool {
			last := line[len(line)-1]
			return last.row == b.row && last.to < b.from
		})
		if fits < 0 {
			lines = append(lines, []bar{b})
		} else {
			lines[fits] = append(lines[fits], b)
		}
	}
	return lines
}
