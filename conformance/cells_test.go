package conformance

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

func everything(Feature) bool { return true }

// What is chosen shows every pair of values that the cells of the rule have.
func TestChosenCellsHaveEveryPair(t *testing.T) {
	for _, rule := range rulesOfCells() {
		all := cellsFor(rule, everything)
		for seed := range uint64(3) {
			chosen := chooseCells(all, rand.New(rand.NewPCG(seed, 0)))
			seen := map[int]bool{}
			for _, c := range chosen {
				for _, p := range c.pairs() {
					seen[p] = true
				}
			}
			for _, c := range all {
				for _, p := range c.pairs() {
					if !seen[p] {
						t.Fatalf("%s, seed %d: a pair of %v is in none of the %d cells chosen of %d", rule, seed, c, len(chosen), len(all))
					}
				}
			}
			if len(all) > 1000 && len(chosen) > 700 {
				t.Errorf("%s, seed %d: %d cells of %d are chosen, which is no choice", rule, seed, len(chosen), len(all))
			}
		}
	}
}

// The cells of the table are played for every rule that one of them can show broken.
func TestRulesOfCells(t *testing.T) {
	found := cellsOfRules()
	for rule := range found {
		if !slices.Contains(rulesOfCells(), rule) {
			t.Errorf("cells can show %s broken, which has no case for them", rule)
		}
	}
	for _, rule := range rulesOfCells() {
		if found[rule] == 0 {
			t.Errorf("no cell can show %s broken", rule)
		}
	}
}

// SPEC.md names every value of the table.
func TestSpecHasTheTableOfCells(t *testing.T) {
	data, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "## The table of cells")
	text, _, _ = strings.Cut(text, "\n## ")
	text = strings.Join(strings.Fields(text), " ")
	for _, name := range slices.Concat(CellCalls(), CellStates(), endNames, ctxNames) {
		if !strings.Contains(text, name) {
			t.Errorf("the section on the table of cells does not name %q", name)
		}
	}
}

func TestCells(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	for _, tc := range []struct{ fault, rule, words string }{
		{"", "SUS-1", ""},
		{"", "SYN-2", ""},
		{"", "CAN-1", ""},
		{"", "PAN-1", ""},
		{"", "LEAK-1", ""},
		{"", "LEAK-2", ""},
		{"keeps a job that panicked", "LEAK-2", "the job is still there\n  in the cell: Future"},
		{"goroutine of a closed object", "LEAK-1", "nor does one that is closed\n  happened: after "},
		{"a queue with canceled jobs", "CAN-4", "the object does not keep a job or a context of a call that was given up"},
		{"runs while suspended", "SUS-1", "while the object was suspended\n  in the cell: "},
		{"keeps the turn", "SYN-2", "whose job calls runtime.Goexit"},
		{"newer only", "CAN-1", "with a context that it shares with two others"}, // the first of them, or one of the others: whichever is older
		{"text of a panic", "PAN-1", "a panic reaches the caller with its value\n  happened: the job panicked with "},
	} {
		t.Run(tc.rule+" "+tc.fault, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			stop := make(chan struct{})
			defer close(stop)
			f := laneFactory(func(l *lane) Object { return &cellLane{lane: l, fault: tc.fault, stop: stop} })
			f.Features[FeatureSuspend], f.Features[FeatureCancel], f.Features[FeatureCancelFuture] = Supported(), Supported(), Supported()
			got := check(t, f, WithRules(tc.rule+"/cells")).Rule(tc.rule)
			c := got.Cases[0]
			if tc.fault == "" {
				if c.Verdict != Pass || strings.Contains(c.Detail, "see ") || len(c.Cells) == 0 || c.Cells[0].Ran == 0 {
					t.Errorf("the case is %s (%s) with the cells %+v, want a pass", c.Verdict, c.Detail, c.Cells)
				}
				return
			}
			if c.Verdict != Fail || !strings.Contains(c.Failure.Message, tc.words) {
				t.Fatalf("the case is %s (%s), want a failure that says %q", c.Verdict, c.Detail, tc.words)
			}
			if of := tc.rule; of != "LEAK-1" && of != "LEAK-2" && of != "CAN-4" && !slices.ContainsFunc(c.Cells, func(n CellCount) bool { return n.Broken > 0 }) {
				t.Errorf("no row of %+v has a broken cell", c.Cells)
			}
		})
	}
}

// A Try that is refused breaks TRY-2 alone: its job is not waited for by any other rule.
func TestRefusedTryInCells(t *testing.T) {
	f := laneFactory(func(l *lane) Object { return refuser{l} })
	f.Features[FeatureTry] = Supported()
	for rule, want := range map[string]Verdict{"TRY-2": Fail, "TRY-1": Pass, "EXE-2": Pass, "PAN-4": Pass} {
		got := check(t, f, WithRules(rule+"/cells")).Rule(rule).Cases[0]
		if got.Verdict != want || strings.Contains(got.Detail, "others") {
			t.Errorf("%s is %s (%s), want %s of all its cells", got.Case, got.Verdict, got.Detail, want)
		}
	}
}

// A refuser takes its object for busy always.
type refuser struct{ *lane }

func (refuser) TryDo(func(*State)) bool { return false }
