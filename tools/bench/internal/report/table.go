package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteMachine writes the lines above the table, which describe the machine and the
// versions.
func (r *Report) WriteMachine(w io.Writer) error {
	var out bytes.Buffer
	fmt.Fprintln(&out, r.Machine)
	if versions := r.versions(); versions != "" {
		fmt.Fprintln(&out, "Peers:", versions)
	}
	fmt.Fprintln(&out)
	_, err := w.Write(out.Bytes())
	return err
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, GOMAXPROCS %d, %s %s/%s", m.CPU, m.GOMAXPROCS, m.Go, m.OS, m.Arch)
}

// versions lists the versions of the peers that have one.
func (r *Report) versions() string {
	var all []string
	for _, s := range r.Subjects {
		if s.Version != "" {
			all = append(all, s.Name+" "+s.Version)
		}
	}
	return strings.Join(all, ", ")
}

// WriteTable writes the rows for people to read, and a summary.
func (r *Report) WriteTable(w io.Writer) error {
	var out bytes.Buffer
	if len(r.Rows) > 0 {
		r.table(&out)
		fmt.Fprintln(&out)
	}
	for _, line := range r.omissions() {
		fmt.Fprintln(&out, line)
	}
	for _, s := range r.Subjects {
		if s.Unordered != "" {
			fmt.Fprintf(&out, "No order: %s: %s.\n", s.Name, s.Unordered)
		}
	}
	if len(r.LeftOut)+len(r.Subjects) > 0 {
		fmt.Fprintln(&out)
	}
	if r.Partial {
		fmt.Fprintf(&out, "PARTIAL: %d of %d workloads are complete; the others are left out.\n", r.Complete, r.Workloads)
	}
	if r.Quick {
		fmt.Fprintln(&out, "QUICK: a first look, not a measurement.")
	}
	reached, all := r.Goals()
	fmt.Fprintf(&out, "%d of %d goals reached. A ratio is Desync's time by the peer's, the median of up to %d rounds.\n", reached, all, r.Rounds)
	if r.bounded() {
		fmt.Fprintln(&out, boundMeans)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// omissions returns a line for each subject that was left out and each reason, with
// the workloads.
func (r *Report) omissions() (lines []string) {
	type omitted struct{ subject, why string }
	where := map[omitted][]string{}
	var order []omitted
	for _, o := range r.LeftOut {
		of := omitted{o.Subject, o.Why}
		if where[of] == nil {
			order = append(order, of)
		}
		where[of] = append(where[of], o.Workload)
	}
	for _, of := range order {
		lines = append(lines, fmt.Sprintf("Left out: %s: %s (%s).", of.subject, of.why, strings.Join(where[of], "; ")))
	}
	return lines
}

func (r *Report) table(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }
	line("workload", "against", "desync", "peer", "unit", "allocs/op", "ratio", "quartiles", "goal", "reached", "bound", "the row again")
	for _, row := range r.Rows {
		against, peer := "-", "-"
		if row.Against != "" {
			against, peer = row.Against, figure(row.Peer)
		}
		line(row.Workload, against, figure(row.Own), peer, string(row.Unit), row.allocs(), row.ratio(), row.quartiles(), row.goal(), row.reached(), row.bound(), row.Rerun)
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
	sign, limit := "≤", r.Goal.Max
	if limit == nil {
		sign, limit = "≥", r.Goal.Min
	}
	return fmt.Sprintf("%s %s %s", r.Goal.Of, sign, strconv.FormatFloat(*limit, 'f', -1, 64))
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

// boundMeans explains the bounds of a table.
const boundMeans = "A bound is the same ratio of something that does the least that the work takes, and nothing else."

func (r *Report) bounded() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.bound() != "" })
}

func (r Row) bound() string {
	if r.Goal == nil || r.Goal.Bound == nil {
		return ""
	}
	return fmt.Sprintf("%.2f, %s", r.Goal.Bound.Ratio, r.Goal.Bound.By)
}

// figure prints three digits or more, without trailing zeros.
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
