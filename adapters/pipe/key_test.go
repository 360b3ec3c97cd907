package pipe_test

import (
	"context"
	"slices"
	"testing"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

func TestThroughAndInOnAKey(t *testing.T) {
	m := desync.NewMap(func(string) []int { return nil })
	items := slices.Values([]int{1, 2, 3})
	ctx := t.Context()
	stage := pipe.Through(ctx, m.At("a"), items, 2, func(_ context.Context, all *[]int, v int) (int, error) {
		*all = append(*all, v)
		return len(*all), nil
	})
	sum := 0
	for n, err := range stage.All() {
		if err != nil {
			t.Error(err)
		}
		sum += n
	}
	report, err := pipe.In(ctx, m.At("a"), items, 2, func(_ context.Context, all *[]int, v int) error {
		*all = append(*all, v)
		return nil
	}).Await(ctx)
	got := m.At("a").Sync(func(all *[]int) []int { return *all })
	if sum != 6 || err != nil || report.Err != nil || !slices.Equal(got, []int{1, 2, 3, 1, 2, 3}) {
		t.Errorf("the key has %v, with results that add up to %d, and %v, %v", got, sum, report, err)
	}
}

// A key function may count, or be slow: it is called once for an item.
func TestTheKeyOfAnItemIsAskedForOnce(t *testing.T) {
	m := desync.NewMap(zero[int])
	items := slices.Values([]int{1, 2, 3, 4, 5})
	var asked []int
	key := func(v int) int { asked = append(asked, v); return v % 2 }
	for _, err := range pipe.ByKey(t.Context(), m, items, key, 2, double).All() {
		if err != nil {
			t.Error(err)
		}
	}
	if want := slices.Collect(items); !slices.Equal(asked, want) {
		t.Errorf("ByKey has asked for the keys of %v, want %v", asked, want)
	}
	asked = nil
	pipe.InByKey(t.Context(), m, items, key, 2, func(context.Context, *int, int) error { return nil }).Await(t.Context())
	if want := slices.Collect(items); !slices.Equal(asked, want) {
		t.Errorf("InByKey has asked for the keys of %v, want %v", asked, want)
	}
}
