package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTableReplacesTheOldOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const around = "before\n" + tableBegin + "\nold\n" + tableEnd + "\nafter\n"
	if err := os.WriteFile(file, []byte(around), 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := write(file, "the table\n"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); s != "before\n"+tableBegin+"\n\nthe table\n\n"+tableEnd+"\nafter\n" {
		t.Errorf("the file is\n%s", s)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := write(file, "text"); err == nil || !strings.Contains(err.Error(), "has no place for the table") {
		t.Errorf("without marks: %v", err)
	}
}

// The table has the medians of the rounds, and says which goals were missed and what is missing.
func TestTable(t *testing.T) {
	k := kept{Rounds: map[string]figures{
		"1 ms of work": {
			{ours: 100, plainGo: 10, parallel: 50, memory + ours: 30, memory + parallel: 300},
			{ours: 900, plainGo: 30, parallel: 70, memory + ours: 10, memory + parallel: 200},
			{ours: 400, plainGo: 20, parallel: 60, memory + ours: 20, memory + parallel: 100},
		},
		"no work":       {{ours: 30, plainGo: 100, parallel: 3}},
		"slow keys":     {{ours: 25.04, parallel: 50.08}},
		"kill, backlog": {{ours: 7, parallel: 0}},
		"kill, paced":   {{ours: 1128, parallel: 4000, lostBy + parallel: 2}, {ours: 564, parallel: 2000}},
	}}
	got := table(k)
	for _, want := range []string{
		"| records a second, 1 ms of work | 3 | one at a time for each partition | 400 | 20 | 20.00 | ≥ 20 |\n",
		"| records a second, 1 ms of work | 3 | parallel consumer | 400 | 60 | 6.67 | ≥ 5 |\n",
		"| MiB of memory then | 3 | parallel consumer | 20 | 200 | 0.10 | ≤ 0.25 |\n",
		"| records a second, no work | 1 | one at a time for each partition | 30 | 100 | 0.30 | ≥ 0.15 |\n",
		"| records a second, no work | 1 | parallel consumer | 30 | 3 | 10.00 | ≥ 10 |\n",
		"with a slow key in each partition | 1 | parallel consumer | 25.0 | 50.1 | 0.50 | ≤ 0.5 |\n",
		"killed after 12 s | 1 | parallel consumer | 7 | 0 | 7.00 | ≤ 1, **missed** |\n",
		"killed half way, the most | 2 | rate × commit interval + records in flight | 1128 | 2256 | 0.50 | ≤ 1 |\n",
		"Not all is measured: 9 rounds are missing.\n",
		"killed half way, median | 2 | parallel consumer, which lost records in 1 of the rounds, 2 in all | 1128 | 4000 | 0.28 | none |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s%s", want, got)
		}
	}
}

func TestTableOfNothing(t *testing.T) {
	if got := table(kept{}); !strings.Contains(got, "17 rounds are missing") || strings.Contains(got, "| records") {
		t.Errorf("the table is %s", got)
	}
}

// Rounds add up over several calls, and those of different sizes do not mix.
func TestRoundsAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rounds.json")
	missing := 0
	for n := range 2 {
		k, err := load(file, 20)
		if err != nil || len(k.Rounds["no work"]) != n {
			t.Fatalf("%d rounds: %+v, %v", n, k, err)
		}
		k.Rounds["no work"] = append(k.Rounds["no work"], round{ours: float64(n)})
		if err := k.save(file); err != nil {
			t.Fatal(err)
		}
		missing = k.missing()
	}
	if missing != 15 { // of 17
		t.Errorf("%d rounds are missing", missing)
	}
	wrong := func(want string) {
		if _, err := load(file, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	wrong("were measured with --small 20; remove it")
	if err := os.WriteFile(file, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	wrong("has no rounds of this command; remove it")
}
