package bench

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// All rows are measured, in a small form that says nothing of the goals.
func TestQuick(t *testing.T) {
	var out bytes.Buffer
	if _, err := Run(t.Context(), Quick, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	if n := strings.Count(out.String(), "\n"); n != 8 {
		t.Errorf("there are %d lines; want a head and 7 rows:\n%s", n, out.String())
	}
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		r    row
		met  bool
		want string
	}{
		{row{ours: []float64{9, 1, 2}, theirs: []float64{4}, goal: 0.5}, true, "0.50  ≥ 0.5, met"},
		{row{ours: []float64{1}, theirs: []float64{4}, goal: 0.5}, false, "0.25  ≥ 0.5, MISSED"},
		{row{ours: []float64{8}, theirs: []float64{4}, goal: 2, atMost: true}, true, "2.00  ≤ 2, met"},
		{row{ours: []float64{9}, theirs: []float64{4}, goal: 2, atMost: true}, false, "2.25  ≤ 2, MISSED"},
		{row{ours: []float64{9}}, true, "none"},
	} {
		var out bytes.Buffer
		if met := test.r.print(&out); met != test.met || !strings.Contains(out.String(), test.want) {
			t.Errorf("%v, %q; want %v, %q", met, out.String(), test.met, test.want)
		}
	}
}
