package batch_test

import (
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
)

func TestOrder(t *testing.T) {
	type aBatch = batch.Batch[int, int]
	for name, limits := range map[string]batch.Limits[int]{
		"": {}, ", a few items": {Items: 3}, ", a wait": {Items: 20, Wait: time.Millisecond},
	} {
		for call, push := range map[string]func(b *aBatch, item int) error{
			"Future": func(b *aBatch, item int) error { b.Future(item); return nil },
			"Add":    func(b *aBatch, item int) error { _, err := b.Add(t.Context(), item); return err },
		} {
			if call == "Add" && limits.Wait == 0 && limits.Items == 0 {
				continue // below, with the calls mixed
			}
			t.Run(call+name, func(t *testing.T) { checkOrder(t, limits, push) })
		}
	}
	t.Run("both", func(t *testing.T) {
		checkOrder(t, batch.Limits[int]{}, func(b *aBatch, item int) error {
			if item%3 == 0 {
				_, err := b.Add(t.Context(), item)
				return err
			}
			b.Future(item)
			return nil
		})
	})
}

func checkOrder(t *testing.T, limits batch.Limits[int], push func(*batch.Batch[int, int], int) error) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (func(item int) error, func() error) {
		b := batch.New(desync.New(0), limits, func(_ *int, items []int) ([]int, error) {
			for _, item := range items {
				observe(item)
			}
			return items, nil
		})
		return func(item int) error { return push(b, item) }, func() error { return b.Close(t.Context()) }
	})
	if err != nil {
		t.Error(err)
	}
}
