package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// sample has every kind of row.
func sample() *Report {
	rows := []Row{
		{Workload: "idle object", Against: "channel actor", Unit: Bytes, Own: 32, Peer: 3000},
		{Workload: "idle object", Against: "channel actor", Unit: Goroutines, Own: 0, Peer: 1},
		{
			Workload: "Do", Against: "mutex", Unit: Nanos, Own: 12.34, Peer: 10,
			Ratio: &Ratio{Median: 1.234, Low: 1.2, High: 1.3}, Allocs: &Allocs{Own: 0, Peer: 1.0014},
		},
		{
			Workload: "Do", Against: "channel actor", Unit: Nanos, Own: 12.34, Peer: 1234.5,
			Ratio: &Ratio{Median: 0.01, Low: 0.009, High: 0.012}, Allocs: &Allocs{Own: 0, Peer: 2},
		},
		{Workload: "Do", Unit: AllocsPerOp, Own: 0},
	}
	rows[0].Goal = OwnGoal(rows[0], 48)
	rows[1].Goal = OwnGoal(rows[1], 0)
	rows[2].Goal = RatioGoal(rows[2], 1.15)
	rows[4].Goal = OwnGoal(rows[4], 0)
	return &Report{
		Machine:   Machine{CPU: "Some CPU", GOMAXPROCS: 2, Go: "go1.27", OS: "plan9", Arch: "amd64"},
		Rounds:    50,
		Workloads: 2,
		Complete:  2,
		Rows:      rows,
	}
}

func interrupted() *Report {
	r := sample()
	r.Workloads, r.Partial = 11, true
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
