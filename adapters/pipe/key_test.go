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
