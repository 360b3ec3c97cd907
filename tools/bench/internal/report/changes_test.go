package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// rounds are n figures around a middle that differ by a few percent.
func rounds(n int, middle float64) (figures []float64) {
	for i := range n {
		figures = append(figures, middle*(1+0.01*float64(i%7-3)))
	}
	return figures
}

// saved is a report with one row of each kind: ratios, figures of Desync, a speed-up.
func saved(ratio, bytes, speedUp float64) *Report {
	r := sample()
	r.Rows = nil
	peer := slices.Repeat([]float64{100}, 30)
	r.Add(
		Row{Workload: "Do", Against: "mutex", Unit: Nanos, Ratio: &Ratio{}, Samples: &Samples{Own: rounds(30, 100*ratio), Peer: peer}},
		Row{Workload: "kept", Unit: Kept, Samples: &Samples{Own: rounds(30, bytes)}},
		Row{Workload: "kept", Against: "a pool", Unit: Kept, Samples: &Samples{Own: rounds(30, bytes), Peer: peer}},
		Row{Workload: "cores", Unit: SpeedUp, Samples: &Samples{Own: rounds(30, speedUp)}},
	)
	return r
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		what  string
		later *Report
		want  string // of each row
	}{
		{"nothing", saved(1, 500, 1.9), "same same same"},
		{"less than the noise", saved(1.002, 501, 1.902), "same same same"},
		{"slower, larger, less parallel", saved(1.2, 700, 1.2), "worse worse worse"},
		{"faster, smaller, more parallel", saved(0.8, 300, 2.4), "better better better"},
	} {
		changes := Changes(saved(1, 500, 1.9), c.later, 0.01)
		var got []string
		for _, c := range changes {
			switch {
			case c.Worse:
				got = append(got, "worse")
			case c.Beyond:
				got = append(got, "better")
			default:
				got = append(got, "same")
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.what, got, c.want, changes)
		}
	}
}

// A machine that is twice as fast changes no ratio.
func TestChangesAreOfRatios(t *testing.T) {
	old, later := saved(1, 500, 1.9), saved(1, 500, 1.9)
	s := later.Rows[0].Samples
	for i := range s.Own {
		s.Own[i] /= 2
		s.Peer[i] /= 2
	}
	if c := Changes(old, later, 0.01)[0]; c.Beyond || c.What != "ratio" {
		t.Errorf("%+v, want no change of the ratio", c)
	}
}

func TestChangesComparesWhatBothHave(t *testing.T) {
	old, later := saved(1, 500, 1.9), saved(2, 500, 1.9)
	old.Rows = old.Rows[1:]
	later.Rows[3].Samples = nil
	changes := Changes(old, later, 0.01)
	if len(changes) != 1 || changes[0].Row.Workload != "kept" {
		t.Errorf("%+v, want the row that both have with figures", changes)
	}
}

func TestWriteChanges(t *testing.T) {
	old, later := saved(1, 500, 1.9), saved(1.2, 500, 2.4)
	later.Machine.GOMAXPROCS = 4
	later.Quick = true
	for _, all := range []bool{false, true} {
		var out bytes.Buffer
		if err := WriteChanges(&out, old, later, Changes(old, later, 0.01), all); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, want := range []string{"NOTE: the machines differ", "NOTE: a report is of a quick run", "+20.0%", "worse", "better", "2 of 3 rows have changed beyond the noise: 1 worse, 1 better", "--row do/mutex"} {
			if !strings.Contains(text, want) {
				t.Errorf("all %v: %q is missing in:\n%s", all, want, text)
			}
		}
		if got := strings.Contains(text, "\nkept"); got != all {
			t.Errorf("all %v: the row without a change is there: %v, in:\n%s", all, got, text)
		}
		if strings.Count(text, "verdict") != 1 {
			t.Errorf("all %v: want one line of heads in:\n%s", all, text)
		}
	}
}
