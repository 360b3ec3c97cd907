package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
)

// A Change is the difference of a row between one report and a later one.
type Change struct {
	Row      Row // of the later one
	What     string
	Old, New float64 // medians
	P        float64 // the probability of such a difference by chance
	Beyond   bool    // whether it is beyond the noise
	Worse    bool
}

// Delta is the change as a share of the old value; ok is false if that was zero.
func (c Change) Delta() (delta float64, ok bool) {
	if c.Old == 0 {
		return 0, false
	}
	return c.New/c.Old - 1, true
}

// Changes compares the rows that both reports have. Where times are measured it compares
// ratios, which depend less on the machine, otherwise the figures of Desync. It judges
// whether two sets of rounds differ as benchstat does, by a test that assumes nothing
// about the distribution; below the probability alpha, it is not by chance.
func Changes(old, later *Report, alpha float64) (changes []Change) {
	type key struct {
		id   string
		unit Unit
	}
	before := map[key]Row{}
	for _, r := range old.Rows {
		before[key{r.ID(), r.Unit}] = r
	}
	judged := map[key]bool{}
	for _, r := range later.Rows {
		was, ok := before[key{r.ID(), r.Unit}]
		if !ok || was.Samples == nil || r.Samples == nil {
			continue
		}
		c := Change{Row: r, What: string(r.Unit)}
		a, b := was.Samples.Own, r.Samples.Own
		if r.Ratio != nil {
			c.What = "ratio"
			a, b = was.Samples.ratios(), r.Samples.ratios()
		} else {
			// Rows against several peers have the same figures of Desync.
			own := key{ID(r.Workload), r.Unit}
			if judged[own] {
				continue
			}
			judged[own] = true
		}
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		limits := &benchmath.Thresholds{CompareAlpha: alpha}
		oldSample, newSample := benchmath.NewSample(a, limits), benchmath.NewSample(b, limits)
		const confidence = 0.95
		c.Old = benchmath.AssumeNothing.Summary(oldSample, confidence).Center
		c.New = benchmath.AssumeNothing.Summary(newSample, confidence).Center
		c.P = benchmath.AssumeNothing.Compare(oldSample, newSample).P
		c.Beyond = c.P < alpha && c.Old != c.New
		c.Worse = c.Beyond && (c.New > c.Old) != (r.Unit == SpeedUp)
		changes = append(changes, c)
	}
	return changes
}

// ratios divides round by round.
func (s *Samples) ratios() (ratios []float64) {
	for i := range min(len(s.Own), len(s.Peer)) {
		ratios = append(ratios, s.Own[i]/s.Peer[i])
	}
	return ratios
}

// WriteChanges writes what has changed or, if all is true, every row.
func WriteChanges(w io.Writer, old, later *Report, changes []Change, all bool) error {
	var out strings.Builder
	for _, warning := range differences(old, later) {
		fmt.Fprintln(&out, "NOTE:", warning)
	}
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	worse, better, lines := 0, 0, 0
	for _, c := range changes {
		switch {
		case c.Worse:
			worse++
		case c.Beyond:
			better++
		case !all:
			continue
		}
		if lines++; lines == 1 {
			fmt.Fprintln(t, "workload\tagainst\tof\told\tnew\tchange\tp\tverdict\tthe row again")
		}
		fmt.Fprintln(t, strings.Join(c.cells(), "\t"))
	}
	t.Flush()
	fmt.Fprintf(&out, "%d of %d rows have changed beyond the noise: %d worse, %d better.\n", worse+better, len(changes), worse, better)
	if len(old.Rows) != len(later.Rows) {
		fmt.Fprintf(&out, "The old report has %d rows, the new one %d; what is in one alone is not compared.\n", len(old.Rows), len(later.Rows))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (c Change) cells() []string {
	against := c.Row.Against
	if c.Row.Ratio == nil {
		against = "-"
	}
	change, verdict := "", "~"
	if delta, ok := c.Delta(); ok {
		change = fmt.Sprintf("%+.1f%%", 100*delta)
	}
	switch {
	case c.Worse:
		verdict = "worse"
	case c.Beyond:
		verdict = "better"
	}
	return []string{c.Row.Workload, against, c.What, figure(c.Old), figure(c.New), change, fmt.Sprintf("%.3f", c.P), verdict, c.Row.Rerun}
}

// differences tells in what the reports differ that the figures depend on.
func differences(old, later *Report) (notes []string) {
	if old.Machine != later.Machine {
		notes = append(notes, fmt.Sprintf("the machines differ: %s, and %s", old.Machine, later.Machine))
	}
	if a, b := old.versions(), later.versions(); a != b {
		notes = append(notes, fmt.Sprintf("the peers differ: %s; and %s", a, b))
	}
	if old.Quick || later.Quick {
		notes = append(notes, "a report is of a quick run")
	}
	return notes
}
