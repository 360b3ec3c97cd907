package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteMachine writes the line that stands above the table.
func (r *Report) WriteMachine(w io.Writer) error {
	m := r.Machine
	_, err := fmt.Fprintf(w, "%s, GOMAXPROCS %d, %s %s/%s\n\n", m.CPU, m.GOMAXPROCS, m.Go, m.OS, m.Arch)
	return err
}

// WriteTable writes the rows for people to read, and what they sum up to.
func (r *Report) WriteTable(w io.Writer) error {
	var out bytes.Buffer
	if len(r.Rows) > 0 {
		r.table(&out)
		fmt.Fprintln(&out)
	}
	if r.Partial {
		fmt.Fprintf(&out, "PARTIAL: %d of %d workloads are complete; the others are left out.\n", r.Complete, r.Workloads)
	}
	reached, all := r.Goals()
	fmt.Fprintf(&out, "%d of %d goals reached. A ratio is Desync's time by the peer's, the median of %d rounds.\n", reached, all, r.Rounds)
	_, err := w.Write(out.Bytes())
	return err
}

func (r *Report) table(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }
	line("workload", "against", "desync", "peer", "unit", "allocs/op", "ratio", "quartiles", "goal", "reached")
	for _, row := range r.Rows {
		against, peer := "-", "-"
		if row.Against != "" {
			against, peer = row.Against, figure(row.Peer)
		}
		line(row.Workload, against, figure(row.Own), peer, string(row.Unit), row.allocs(), row.ratio(), row.quartiles(), row.goal(), row.reached())
	}
	t.Flush()
}

func (r Row) allocs() string {
	if r.Allocs == nil {
		return ""
	}
	return figure(r.Allocs.Own) + " : " + figure(r.Allocs.Peer)
}

func (r Row) ratio() string {
	if r.Ratio == nil {
		return ""
	}
	return strconv.FormatFloat(r.Ratio.Median, 'f', 2, 64)
}

func (r Row) quartiles() string {
	if r.Ratio == nil {
		return ""
	}
	return fmt.Sprintf("%.2f to %.2f", r.Ratio.Low, r.Ratio.High)
}

func (r Row) goal() string {
	if r.Goal == nil {
		return ""
	}
	return fmt.Sprintf("%s ≤ %s", r.Goal.Of, strconv.FormatFloat(r.Goal.Max, 'f', -1, 64))
}

func (r Row) reached() string {
	switch {
	case r.Goal == nil:
		return ""
	case r.Goal.Reached:
		return "yes"
	default:
		return "NO"
	}
}

// figure prints three digits or more, and no zeros that say nothing.
func figure(f float64) string {
	digits := 0
	switch {
	case f < 10:
		digits = 3
	case f < 100:
		digits = 1
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
