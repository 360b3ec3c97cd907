package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the golden files")

// sample has every kind of row.
func sample() *Report {
	ratio := func(own, peer []float64) *Samples { return &Samples{Own: own, Peer: peer} }
	rows := []Row{
		{Workload: "idle object", Against: "channel actor", Unit: Bytes, Own: 32, Peer: 3000, Samples: ratio([]float64{31.5, 32}, []float64{3000, 3001})},
		{Workload: "idle object", Against: "channel actor", Unit: Goroutines, Own: 0, Peer: 1},
		{
			Workload: "Do", Against: "mutex", Unit: Nanos, Own: 12.34, Peer: 10,
			Ratio: &Ratio{Median: 1.234, Low: 1.2, High: 1.3}, Allocs: &Allocs{Own: 0, Peer: 1.0014},
			Samples: ratio([]float64{12, 12.345678, 13}, []float64{10, 10, 10}),
		},
		{
			Workload: "Do", Against: "channel actor", Unit: Nanos, Own: 12.34, Peer: 1234.5,
			Ratio: &Ratio{Median: 0.01, Low: 0.009, High: 0.012}, Allocs: &Allocs{Own: 0, Peer: 2},
			Samples: ratio([]float64{12, 12.345678, 13}, []float64{1233, 1234.5, 1300}),
		},
		{Workload: "Do", Unit: AllocsPerOp, Own: 0, Samples: &Samples{Own: []float64{0, 0, 0}}},
		{Workload: "CPU-heavy", Unit: SpeedUp, Own: 1.8},
	}
	for _, at := range []int{2, 1000} {
		rows = append(rows, Row{
			Workload: "contended Do", Against: "mutex", Line: Line{Name: "contended Do", Of: "goroutines", At: at}, Unit: Nanos,
			Own: 300, Peer: 250, Ratio: &Ratio{Median: 1.2, Low: 1.1, High: 1.3}, Allocs: &Allocs{},
		})
	}
	rows[0].Goal = OwnGoal(rows[0], 48)
	rows[1].Goal = OwnGoal(rows[1], 0)
	rows[2].Goal = RatioGoal(rows[2], 1.15)
	rows[2].Goal.Bound = &Bound{By: "the least", Ratio: 1.171}
	rows[4].Goal = OwnGoal(rows[4], 0)
	rows[5].Goal = LeastGoal(rows[5], 1.9)
	r := &Report{
		Format:    Format,
		Machine:   Machine{CPU: "Some CPU", GOMAXPROCS: 2, Go: "go1.27", OS: "plan9", Arch: "amd64"},
		Subjects:  []Subject{{Name: "desync"}, {Name: "a pool", Module: "example.com/pool", Version: "v1.2.3", Unordered: "it shuffles"}},
		Rounds:    50,
		Workloads: 2,
		Complete:  2,
		Rows:      []Row{},
		LeftOut: []Omission{
			{Workload: "Do", Subject: "a pool", Why: "it <cannot>"},
			{Workload: "CPU-heavy", Subject: "a pool", Why: "it <cannot>"},
		},
	}
	r.Add(rows...)
	return r
}

func interrupted() *Report {
	r := sample()
	r.Workloads, r.Partial, r.Quick = 11, true, true
	return r
}

func empty() *Report {
	r := sample()
	r.Complete, r.Partial, r.Rows = 0, true, []Row{}
	r.Fault = "Do: mutex: 2 jobs were handed over, 1 were counted"
	return r
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*Report{"full": sample(), "partial": interrupted(), "empty": empty()} {
		var table, json bytes.Buffer
		if err := r.WriteMachine(&table); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteTable(&table); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteJSON(&json); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", table.Bytes())
		golden(t, name+".json", json.Bytes())
		valid(t, json.Bytes())

		var page bytes.Buffer
		if err := r.WriteHTML(&page); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", page.Bytes())
	}
}

// valid wants the report to be as the schema says.
func valid(t *testing.T, report []byte) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(report))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MustCompile("schema.json").Validate(instance); err != nil {
		t.Error(err)
	}
}

// A page loads nothing and escapes what it shows.
func TestPageStandsAlone(t *testing.T) {
	var out bytes.Buffer
	if err := sample().WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"src=", "href=", "http:", "https:", "url(", "@import", "<script", "<cannot>", "ZgotmplZ", "NaN", "Inf"} {
		if strings.Contains(out.String(), s) {
			t.Errorf("the page has %q", s)
		}
	}
	for _, s := range []string{"prefers-color-scheme: dark", "@media print", "it &lt;cannot&gt;", "go run ./tools/bench --row do/mutex"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("the page lacks %q", s)
		}
	}
}

func TestRead(t *testing.T) {
	r, err := Read(filepath.Join("testdata", "full.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r, sample()) {
		t.Errorf("read\n%+v\nwant\n%+v", r, sample())
	}
	other := filepath.Join(t.TempDir(), "old.json")
	if err := os.WriteFile(other, []byte(`{"format": 1}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{other, filepath.Join("testdata", "full.txt"), "no-such-file"} {
		if _, err := Read(file); err == nil || !strings.Contains(err.Error(), filepath.Base(file)) {
			t.Errorf("%s: error %v, want one that names it", file, err)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the output has changed; if that is right, run the test with -update.\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
