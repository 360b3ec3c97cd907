package flight_test

import (
	"sync"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// observers are what the benchmarks compare: the recorder is to take at most 1.4 times as
// long as an observer that does nothing, 2.0 times with 8 goroutines, and 1.1 times as long
// as no observer with jobs of 10 µs.
func observers() map[string][]desync.Option {
	return map[string][]desync.Option{
		"none":     nil,
		"nop":      {desync.WithName("orders"), desync.WithObserver(desync.NopObserver{})},
		"recorder": {desync.WithName("orders"), desync.WithObserver(flight.New())},
	}
}

func benchmark(b *testing.B, f func(b *testing.B, d *desync.Desync[int])) {
	for _, name := range []string{"none", "nop", "recorder"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			f(b, desync.New(0, observers()[name]...))
		})
	}
}

func BenchmarkDo(b *testing.B) {
	benchmark(b, func(b *testing.B, d *desync.Desync[int]) {
		for b.Loop() {
			d.Do(func(n *int) { *n++ })
		}
	})
}

func BenchmarkDo8Goroutines(b *testing.B) {
	benchmark(b, func(b *testing.B, d *desync.Desync[int]) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range b.N / 8 {
					d.Do(func(n *int) { *n++ })
				}
			})
		}
		all.Wait()
	})
}

func BenchmarkDo10µs(b *testing.B) {
	benchmark(b, func(b *testing.B, d *desync.Desync[int]) {
		for b.Loop() {
			d.Do(func(n *int) {
				for end := time.Now().Add(10 * time.Microsecond); time.Now().Before(end); {
					*n++
				}
			})
		}
	})
}

func BenchmarkAsync(b *testing.B) {
	benchmark(b, func(b *testing.B, d *desync.Desync[int]) {
		for b.Loop() {
			d.Async(func(n *int) { *n++ })
		}
		d.Do(func(*int) {})
	})
}

func BenchmarkSnapshot(b *testing.B) {
	r := flight.New()
	d := desync.New(0, desync.WithName("orders"), desync.WithObserver(r))
	for range 1 << 15 {
		d.Do(func(*int) {})
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Snapshot()
	}
}
