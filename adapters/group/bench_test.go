package group_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

// compare runs both sides in turns and reports the best time of each per job, and
// their ratio. The best time counts, because other work of the machine can only add
// to it.
func compare(b *testing.B, hand, adapter func(b *testing.B, n int)) {
	const jobs = 1000
	measure := func(side func(*testing.B, int)) float64 {
		began := time.Now()
		side(b, jobs)
		return float64(time.Since(began).Nanoseconds()) / jobs
	}
	var hands, adapters []float64
	for b.Loop() {
		hands = append(hands, measure(hand))
		adapters = append(adapters, measure(adapter))
	}
	h, a := slices.Min(hands), slices.Min(adapters)
	b.ReportMetric(h, "hand-ns/job")
	b.ReportMetric(a, "adapter-ns/job")
	b.ReportMetric(a/h, "ratio")
}

func groupGo(objects, limit int) func(b *testing.B, n int) {
	return func(b *testing.B, n int) {
		ds := make([]desync.Desync[int], objects)
		g, _ := group.WithContext(b.Context())
		if limit > 0 {
			g.SetLimit(limit)
		}
		for i := range n {
			g.Go(&ds[i%objects], func(_ context.Context, data *int) error {
				*data++
				return nil
			})
		}
		require.NoError(b, g.Wait())
	}
}

// BenchmarkGo compares Go with the function of an errgroup that does nothing: the
// least that a hand-written version costs.
func BenchmarkGo(b *testing.B) {
	bare := func(limit int) func(b *testing.B, n int) {
		return func(b *testing.B, n int) {
			g, _ := errgroup.WithContext(b.Context())
			if limit > 0 {
				g.SetLimit(limit)
			}
			for range n {
				g.Go(func() error { return nil })
			}
			require.NoError(b, g.Wait())
		}
	}
	b.Run("object", func(b *testing.B) { compare(b, bare(0), groupGo(1, 0)) })
	b.Run("objects", func(b *testing.B) { compare(b, bare(0), groupGo(100, 0)) })
	b.Run("limit", func(b *testing.B) { compare(b, bare(4), groupGo(100, 4)) })
}

// BenchmarkGoDo compares Go with the function of an errgroup that calls DoContext.
func BenchmarkGoDo(b *testing.B) {
	compare(b, func(b *testing.B, n int) {
		var d desync.Desync[int]
		g, ctx := errgroup.WithContext(b.Context())
		for range n {
			g.Go(func() error {
				return d.DoContext(ctx, func(_ context.Context, data *int) error {
					*data++
					return nil
				})
			})
		}
		require.NoError(b, g.Wait())
	}, groupGo(1, 0))
}
