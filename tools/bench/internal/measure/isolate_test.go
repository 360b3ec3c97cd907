package measure

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// children notes what it is asked to run and brings one figure for each side.
func children(asked *[]string) func(context.Context, Task) ([]Series, error) {
	return func(_ context.Context, t Task) (all []Series, err error) {
		*asked = append(*asked, strings.Join(t.Sides, "+"))
		for _, side := range t.Sides {
			all = append(all, Series{Name: side, Nanos: []float64{float64(len(*asked))}})
		}
		return all, nil
	}
}

func TestIsolatedJoinsTheChildren(t *testing.T) {
	for _, c := range []struct {
		apart bool
		asked string
		want  [][]float64
	}{
		{false, "a+b a+b", [][]float64{{1, 2}, {1, 2}}},
		{true, "a b a b", [][]float64{{1, 3}, {2, 4}}},
	} {
		var asked []string
		var shares []float64
		o := Options{Children: 2, Isolate: children(&asked), Step: func(share float64) { shares = append(shares, share) }}
		got, err := Isolated(t.Context(), Task{Sides: []string{"a", "b"}, Options: o}, c.apart, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(asked, " "); s != c.asked {
			t.Errorf("apart %v: the processes measured %s, want %s", c.apart, s, c.asked)
		}
		if len(got) != 2 || !reflect.DeepEqual([][]float64{got[0].Nanos, got[1].Nanos}, c.want) {
			t.Errorf("apart %v: %+v, want the figures %v", c.apart, got, c.want)
		}
		if last := shares[len(shares)-1]; last != 1 {
			t.Errorf("apart %v: ended with a share of %v done, want 1", c.apart, last)
		}
	}
}

func TestIsolatedRefusesWhatItHasNotAskedFor(t *testing.T) {
	failed := errors.New("a job is missing")
	for what, child := range map[string]func(context.Context, Task) ([]Series, error){
		"another side": func(context.Context, Task) ([]Series, error) { return []Series{{Name: "b"}}, nil },
		"no side":      func(context.Context, Task) ([]Series, error) { return nil, nil },
		"an error":     func(context.Context, Task) ([]Series, error) { return nil, failed },
	} {
		task := Task{Sides: []string{"a"}, Options: Options{Isolate: child}}
		if _, err := Isolated(t.Context(), task, false, nil); err == nil || what == "an error" && !errors.Is(err, failed) {
			t.Errorf("a child brought %s: error %v, want one", what, err)
		}
	}
}

func TestIsolatedRunsHereWithoutProcesses(t *testing.T) {
	var asked []string
	got, err := Isolated(t.Context(), Task{Sides: []string{"a"}, Options: Options{Children: 5}}, true, children(&asked))
	if err != nil || len(got) != 1 || len(asked) != 1 {
		t.Errorf("%v, %v in %d runs; want one series of one run", got, err, len(asked))
	}
}
