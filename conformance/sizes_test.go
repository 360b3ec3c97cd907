package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

func TestAroundPowers(t *testing.T) {
	got := slices.Sorted(slices.Values(aroundPowers(16)))
	if want := []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17}; !slices.Equal(got, want) {
		t.Errorf("the sizes about the powers of two to 16 are %v, want %v", got, want)
	}
	if got := aroundPowers(mostQueued); got[0] != 1 || slices.Max(got) != mostQueued+1 || len(got) != 3+3*15+2 {
		t.Errorf("there are %d sizes from %d to %d", len(got), got[0], slices.Max(got))
	}
}

func TestTriedInWords(t *testing.T) {
	for want, sizes := range map[string][]int{
		"1 to 5, 7 to 9, 15 and 16 jobs": {1, 2, 3, 4, 5, 7, 8, 9, 15, 16},
		"7 jobs":                         {7},
		"1, 2 and 4 jobs":                {1, 2, 4},
	} {
		if got := (Tried{What: "jobs", Sizes: sizes}).String(); got != want {
			t.Errorf("%v reads %q, want %q", sizes, got, want)
		}
	}
}

// beyond makes lanes that have a fault when one job more than length is queued.
func beyond(length int, fault func(l *lane)) func(*lane) Object {
	return func(l *lane) Object {
		return broken{lane: l, async: func(job func(*State)) {
			l.Async(job)
			l.mu.Lock()
			defer l.mu.Unlock()
			if len(l.jobs) == length+1 {
				fault(l)
			}
		}}
	}
}

// Each fault beyond a size fails the case that tries such sizes.
func TestFaultsBeyondASize(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	drop := func(l *lane) { l.jobs = l.jobs[:len(l.jobs)-1] }
	swap := func(l *lane) { l.jobs[0], l.jobs[1] = l.jobs[1], l.jobs[0] }
	double := func(l *lane) { l.jobs = append(l.jobs, l.jobs[len(l.jobs)-1]) }
	for _, tc := range []struct {
		id    string
		wrap  func(*lane) Object
		words string
	}{
		{"ORD-4/sizes", beyond(4096, swap), "with 4096 queued"},
		{"ORD-4/sizes", beyond(5, swap), "at place"},
		{"EXE-2/sizes", beyond(65536, drop), " of 87384 did not"},
		{"EXE-1/sizes", beyond(1024, double), "ran 2 times"},
		{"ASY-1/long-queue", beyond(65536, drop), " of 131073 ran"},
		{"EXE-2/one-after-another", afterCalls(65536), "the calls many of Async,"},
		{"CLO-1/sizes", func(l *lane) Object { return &forgetful{lane: l} }, "1 of 4096 did not"},
	} {
		rule, _, _ := strings.Cut(tc.id, "/")
		budget := Short
		if rule == "EXE-2" { // which the race detector makes too slow for the largest sizes
			budget = Full
		}
		got := check(t, laneFactory(tc.wrap), WithRules(tc.id), WithBudget(budget)).Rule(rule)
		if got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, tc.words) {
			t.Errorf("%s is %s (%s), want a failure with %q", tc.id, got.Verdict, got.Cases[0].Failure, tc.words)
		}
	}
}

// afterCalls makes lanes that lose a job of Async after so many.
func afterCalls(n int) func(*lane) Object {
	return func(l *lane) Object {
		calls := 0
		return broken{lane: l, async: func(job func(*State)) {
			if calls++; calls != n {
				l.Async(job)
			}
		}}
	}
}

// forgetful forgets the 4096th job that is submitted to it.
type forgetful struct {
	*lane
	n int
}

func (f *forgetful) Submit(job func(*State)) bool {
	if f.n++; f.n == 4096 {
		return true
	}
	return f.lane.Submit(job)
}

// The sizes that were tried stand in the result.
func TestSizesAreReported(t *testing.T) {
	c := check(t, laneFactory(nil), WithRules("EXE-1/sizes")).Rule("EXE-1").Cases[0]
	if c.Verdict != Pass || len(c.Tried) != 1 || c.Tried[0].What != "queued jobs" || !slices.Contains(c.Tried[0].Sizes, 4097) {
		t.Errorf("EXE-1/sizes is %s (%s), and has tried %v", c.Verdict, c.Detail, c.Tried)
	}
}
