package batch_test

import (
	"testing"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/desync"
)

func echo(_ *int, items []int) ([]int, error) { return items, nil }

// BenchmarkAdd is what an item costs beside the work of the batch.
func BenchmarkAdd(b *testing.B) {
	b.Run("1 caller", func(b *testing.B) {
		batch := batch.New(desync.New(0), batch.Limits[int]{}, echo)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = batch.Add(b.Context(), 1)
		}
	})
	b.Run("64 callers", func(b *testing.B) {
		batch := batch.New(desync.New(0), batch.Limits[int]{}, echo)
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = batch.Add(b.Context(), 1)
			}
		})
	})
}

func BenchmarkFuture(b *testing.B) {
	batch := batch.New(desync.New(0), batch.Limits[int]{Items: 1000}, echo)
	b.ReportAllocs()
	for b.Loop() {
		batch.Future(1)
	}
	_ = batch.Flush(b.Context())
}
