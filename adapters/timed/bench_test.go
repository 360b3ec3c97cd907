package timed_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

// BenchmarkFire is what a timer costs from its setting until its job has run, beside one by
// hand.
func BenchmarkFire(b *testing.B) {
	for name, set := range map[string]func(d *desync.Desync[int], job func(*int)){
		"timed":   func(d *desync.Desync[int], job func(*int)) { timed.After(d, time.Microsecond, job) },
		"by hand": func(d *desync.Desync[int], job func(*int)) { time.AfterFunc(time.Microsecond, func() { d.Async(job) }) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			d := desync.New(0)
			var all sync.WaitGroup
			all.Add(b.N)
			for range b.N {
				set(d, func(n *int) { *n++; all.Done() })
			}
			all.Wait()
		})
	}
}

// BenchmarkSet is the memory of a timer that is set.
func BenchmarkSet(b *testing.B) {
	for name, set := range map[string]func(d *desync.Desync[int], job func(*int)) (stop func() bool){
		"timed": func(d *desync.Desync[int], job func(*int)) func() bool { return timed.After(d, time.Hour, job).Stop },
		"by hand": func(d *desync.Desync[int], job func(*int)) func() bool {
			return time.AfterFunc(time.Hour, func() { d.Async(job) }).Stop
		},
	} {
		b.Run(name, func(b *testing.B) {
			d := desync.New(0)
			stops := make([]func() bool, b.N)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for i := range b.N {
				stops[i] = set(d, func(n *int) { *n += i })
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(b.N), "B/timer")
			for _, stop := range stops {
				stop()
			}
		})
	}
}
