package measure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a runner that takes step for each operation, on the clock of a
// synctest bubble, and notes its runs.
func recorder(name string, batch int, step time.Duration, runs *[]string, sizes *[]int) Runner {
	return Runner{
		Name:  name,
		Batch: batch,
		Prepare: func(n int) (func(), func() error) {
			timed := func() { time.Sleep(time.Duration(n) * step) }
			check := func() error {
				*runs = append(*runs, name)
				*sizes = append(*sizes, n)
				return nil
			}
			return timed, check
		},
	}
}

func TestCompareAlternatesAndDropsTheWarmup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs []string
		var sizes []int
		runners := []Runner{
			recorder("a", 1, time.Microsecond, &runs, &sizes),
			recorder("b", 30, 3*time.Microsecond, &runs, &sizes),
		}
		all, err := Compare(t.Context(), runners, Options{Rounds: 4, Warmup: 2, Target: 900 * time.Microsecond, Limit: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		measured := strings.Join(runs[len(runs)-12:], "")
		if want := "ab" + "ba" + "ba" + "ab" + "ab" + "ba"; measured != want {
			t.Errorf("the rounds ran in the order %s, want %s", measured, want)
		}
		for i, want := range []Series{
			{Operations: 900, Nanos: []float64{1000, 1000, 1000, 1000}},
			{Operations: 300, Nanos: []float64{3000, 3000, 3000, 3000}},
		} {
			got := all[i]
			if got.Operations != want.Operations || !slices.Equal(got.Nanos, want.Nanos) {
				t.Errorf("%s: %d operations a run of %v ns each, want %d of %v", runners[i].Name, got.Operations, got.Nanos, want.Operations, want.Nanos)
			}
			if len(got.Allocs) != len(want.Nanos) {
				t.Errorf("%s: %d figures of allocations, want %d", runners[i].Name, len(got.Allocs), len(want.Nanos))
			}
		}
		for _, n := range sizes {
			if n != 1 && n != 4 && n != 16 && n != 64 && n != 256 && n%30 != 0 {
				t.Errorf("a run of %d operations is no multiple of the batch", n)
			}
		}
	})
}

func TestCompareCountsAllocations(t *testing.T) {
	var kept []*int
	r := Runner{Name: "allocates", Batch: 1000, Prepare: func(n int) (func(), func() error) {
		kept = make([]*int, n)
		timed := func() {
			for i := range kept {
				kept[i] = new(int)
			}
		}
		return timed, func() error { return nil }
	}}
	all, err := Compare(t.Context(), []Runner{r}, Options{Rounds: 3, Limit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if got := Quartiles(all[0].Allocs).Median; got < 1 || got > 1.1 {
		t.Errorf("%v allocations per operation, want 1", got)
	}
}

func TestCompareReportsAWrongRun(t *testing.T) {
	wrong := errors.New("a job is missing")
	for _, bad := range []int{1, 4, 6} { // while it calibrates, warms up, measures
		runs := 0
		r := Runner{Name: "faulty", Batch: 1, Prepare: func(int) (func(), func() error) {
			return func() {}, func() error {
				if runs++; runs == bad {
					return wrong
				}
				return nil
			}
		}}
		_, err := Compare(t.Context(), []Runner{r}, Options{Rounds: 3, Warmup: 1, Target: 1, Limit: time.Minute})
		if !errors.Is(err, wrong) || !strings.Contains(err.Error(), "faulty") {
			t.Errorf("run %d was wrong: Compare returned %v, want the error with the name of the runner", bad, err)
		}
	}
}

func TestWatchGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		defer close(gate)
		hang := func() (int, error) {
			<-gate
			return 1, nil
		}

		start := time.Now()
		if _, err := Watch(t.Context(), time.Minute, hang); err == nil || !strings.Contains(err.Error(), "1m0s") {
			t.Errorf("a run that hangs: error %v, want one that names the limit", err)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("gave up after %v, want a minute", took)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if _, err := Watch(ctx, time.Minute, hang); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the context has ended: error %v, want its error", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("returned %v after the call, want at once when the context ended, after 1s", took)
		}
	})
}
