package rows

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

func TestMain(m *testing.M) {
	child.Main()
	flag.Parse()
	_ = flag.Set("test.parallel", "6") // the rows wait for most of their time
	goleak.VerifyTestMain(m)
}

// Each row once, in a small form: those about a cluster on three servers, the others on one.
// make scale runs all on both.
func TestRows(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	three := map[string]bool{"Server": true, "Zombie": true, "Forget": true}
	for _, row := range All() {
		t.Run(row.Name, func(t *testing.T) {
			if row.Name != "Backlog" { // it looks at the memory of this process
				t.Parallel()
			}
			s := Setup{Servers: 1, Small: true, Progress: func(text string) { t.Log(text) }}
			if three[row.Name] {
				s.Servers = 3
			}
			res := row.Run(t.Context(), s)
			if res.LeftOut != "" {
				t.Skip(res.LeftOut)
			}
			t.Logf("%.1f s: %v", res.Took.Seconds(), res)
			if res.Err != nil {
				t.Errorf("the promise %q is broken: %v", row.Promise, res.Err)
			}
		})
	}
}

// A row whose promise is broken on purpose says so.
func TestFaultsAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	tests := []struct {
		row, fault string
		want       string
	}{
		{"Kill9", tally.Replay, "keys are wrong"},
		{"Kill9", tally.Late, "are allowed"},
		{"Producer", tally.Twice, "keys are wrong"},
		{"Retention", tally.Roomy, "the log had"},
		{"Forget", tally.Keep, "after Delete the marker is at"},
		{"Rolling", tally.Mask, "after version 2"},
	}
	for _, test := range tests {
		t.Run(test.row+" "+test.fault, func(t *testing.T) {
			t.Parallel()
			for _, row := range All() {
				if row.Name != test.row {
					continue
				}
				res := row.Run(t.Context(), Setup{Servers: 1, Small: true, Fault: test.fault})
				if res.Err == nil || !strings.Contains(res.Err.Error(), test.want) {
					t.Errorf("it gave %v; want an error with %q", res.Err, test.want)
				}
			}
		})
	}
}

// A process that does not end by itself is killed, and a broken one says why.
func TestChildThatCannotServe(t *testing.T) {
	c, err := child.Servers(t.TempDir(), 1, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Dirs[0]+"/lock", nil, 0o000); err != nil {
		t.Fatal(err)
	}
	c.Dirs[0] += "/lock" // a file
	p, err := child.Start(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err == nil || !strings.Contains(err.Error(), "embedded") {
		t.Errorf("it gave %v; want the error of the server", err)
	}
}

func TestCompare(t *testing.T) {
	var one, two, other tally.Tally
	one.Add(1)
	two.Add(1)
	two.Add(2)
	other.Add(2)
	other.Add(1)
	if two.Same(other) {
		t.Error("the order makes no difference")
	}
	want := map[string]tally.Tally{"same": two, "lost": two, "gone": one, "twice": one, "order": two}
	found := map[string]tally.Tally{"same": two, "lost": one, "twice": two, "order": other}
	seen, missing, wrong := compare(found, want)
	if seen != 7 || len(missing) != 2 || len(wrong) != 2 {
		t.Errorf("seen %d, missing %v, wrong %v; want 7, lost and gone, twice and order", seen, missing, wrong)
	}
	if median([]time.Duration{3, 1, 2}) != 2 {
		t.Error("the median of 3, 1, 2 is not 2")
	}
}
