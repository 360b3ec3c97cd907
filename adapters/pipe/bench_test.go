package pipe_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

const benchDepth = 64

// work takes about a microsecond.
func work(data *int, v int) int {
	x := uint32(v)
	for range 480 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	*data += int(x & 1)
	return int(x)
}

// numbers sends n items.
func numbers(n int) <-chan int {
	c := make(chan int, benchDepth)
	go func() {
		defer close(c)
		for i := range n {
			c <- i
		}
	}()
	return c
}

func BenchmarkWork(b *testing.B) {
	data := 0
	for b.Loop() {
		work(&data, 1)
	}
}

// compare runs both sides in turns and reports the best time of each per item, and
// their ratio. The best time counts, because other work of the machine can only add
// to it.
func compare(b *testing.B, hand, adapter func(b *testing.B, n int)) {
	const items = 5_000
	measure := func(side func(*testing.B, int)) float64 {
		began := time.Now()
		side(b, items)
		return float64(time.Since(began).Nanoseconds()) / items
	}
	var hands, adapters []float64
	for b.Loop() {
		hands = append(hands, measure(hand))
		adapters = append(adapters, measure(adapter))
	}
	h, a := slices.Min(hands), slices.Min(adapters)
	b.ReportMetric(h, "hand-ns/item")
	b.ReportMetric(a, "adapter-ns/item")
	b.ReportMetric(a/h, "ratio")
}

// handStage is a stage written by hand: a goroutine that owns the data, between two
// channels.
func handStage(b *testing.B, n int) {
	in, out := numbers(n), make(chan int, benchDepth)
	go func() {
		defer close(out)
		data := 0
		for v := range in {
			out <- work(&data, v)
		}
	}()
	got := 0
	for range out {
		got++
	}
	require.Equal(b, n, got)
}

// handSink is handStage without results.
func handSink(b *testing.B, n int) {
	in, done := numbers(n), make(chan int)
	go func() {
		data := 0
		for v := range in {
			work(&data, v)
		}
		done <- data
	}()
	<-done
}

func BenchmarkThrough(b *testing.B) {
	compare(b, handStage, func(b *testing.B, n int) {
		d := desync.New(0)
		got := 0
		stage := pipe.Through(b.Context(), d, numbers(n), benchDepth, func(_ context.Context, data *int, v int) (int, error) {
			return work(data, v), nil
		})
		for _, err := range stage.All() {
			require.NoError(b, err)
			got++
		}
		require.Equal(b, n, got)
	})
}

func BenchmarkIn(b *testing.B) {
	in := func(b *testing.B, n int) {
		d := desync.New(0)
		r, err := pipe.In(b.Context(), d, numbers(n), benchDepth, func(_ context.Context, data *int, v int) error {
			work(data, v)
			return nil
		}).Await(context.Background())
		require.NoError(b, err)
		require.Equal(b, pipe.Report[int]{Run: n}, r)
	}
	b.Run("stage", func(b *testing.B) { compare(b, handStage, in) })
	b.Run("sink", func(b *testing.B) { compare(b, handSink, in) })
}
