package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// A row is its ratios, or the figures of Desync, once for all peers. Rows without figures
// are left out.
func TestWriteGoBench(t *testing.T) {
	r := sample()
	r.Rows = nil
	r.Add(
		Row{Workload: "Do", Against: "mutex", Unit: Nanos, Ratio: &Ratio{}, Samples: &Samples{Own: []float64{12, 30}, Peer: []float64{10, 20}}},
		Row{Workload: "kept after a burst", Unit: Kept, Samples: &Samples{Own: []float64{500, 501}}},
		Row{Workload: "kept after a burst", Against: "a pool", Unit: Kept, Samples: &Samples{Own: []float64{500, 501}, Peer: []float64{900, 900}}},
		Row{Workload: "longest wait", Unit: "things, of a kind", Samples: &Samples{Own: []float64{7}}},
		Row{Workload: "old", Unit: Kept},
	)
	var out bytes.Buffer
	if err := r.WriteGoBench(&out); err != nil {
		t.Fatal(err)
	}
	var got []string
	in := benchfmt.NewReader(&out, "report")
	for in.Scan() {
		result, ok := in.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("%+v, want results alone", in.Result())
		}
		got = append(got, fmt.Sprint(result.Name, " ", result.Values[0].Value, " ", result.Values[0].Unit))
		for key, want := range map[string]string{"cpu": "Some CPU", "gomaxprocs": "2", "go": "go1.27", "quick": "false", "peers": "a pool v1.2.3"} {
			if have := result.GetConfig(key); have != want {
				t.Errorf("%s is %q, want %q", key, have, want)
			}
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Row/do/mutex 1.2 ratio", "Row/do/mutex 1.5 ratio",
		"Row/kept-after-a-burst/desync 500 B-kept", "Row/kept-after-a-burst/desync 501 B-kept",
		"Row/longest-wait/desync 7 things-of-a-kind",
	}
	if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
