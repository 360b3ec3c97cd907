package report

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

// page is the data for the template.
type page struct {
	*Report
	Peers          string
	Reached, Goals int
	Lines          []lines
	Workloads      []section
	Omissions      []string
	Command        string
	Bounds         string // explains them, if there are any
}

// section is one workload.
type section struct {
	Name string
	ID   string
	Rows []cells
	Bars []bars
}

// cells are the cells of one row of the table.
type cells struct {
	Against, Own, Peer, Unit, Allocs, Ratio, Quartiles, Goal, Reached, Bound, Rerun string
}

// WriteHTML writes the report as a page that loads nothing from elsewhere.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	p := page{Report: r, Peers: r.versions(), Omissions: r.omissions(), Command: Program}
	p.Reached, p.Goals = r.Goals()
	if r.bounded() {
		p.Bounds = boundMeans
	}
	for _, rows := range grouped(r.Rows, func(row Row) string { return row.Line.Name }) {
		if rows[0].Line.Name != "" {
			p.Lines = append(p.Lines, newLines(rows))
		}
	}
	for _, rows := range grouped(r.Rows, func(row Row) string { return row.Workload }) {
		s := section{Name: rows[0].Workload, ID: ID(rows[0].Workload)}
		for _, row := range rows {
			c := cells{
				Against: row.Against, Own: figure(row.Own), Unit: string(row.Unit), Allocs: row.allocs(), Ratio: row.ratio(),
				Quartiles: row.quartiles(), Goal: row.goal(), Reached: row.reached(), Bound: row.bound(), Rerun: row.Rerun,
			}
			if row.Against != "" {
				c.Peer = figure(row.Peer)
			}
			s.Rows = append(s.Rows, c)
		}
		for _, same := range grouped(rows, func(row Row) string { return string(row.Unit) }) {
			if len(same) > 1 || same[0].Against != "" {
				s.Bars = append(s.Bars, newBars(same))
			}
		}
		p.Workloads = append(p.Workloads, s)
	}
	return t.Execute(w, p)
}

// grouped groups the rows by key, in the order in which the keys first appear.
func grouped(rows []Row, key func(Row) string) (groups [][]Row) {
	places := map[string]int{}
	for _, r := range rows {
		k := key(r)
		i, known := places[k]
		if !known {
			i = len(groups)
			places[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}
