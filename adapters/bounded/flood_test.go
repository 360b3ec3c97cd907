package bounded_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

const payload = 4 << 10

// heap returns the bytes in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A producer makes a thousand jobs for each one that the object runs. Each job
// refers to its payload: without the bound they would take 120 MB.
func TestFloodIsRefused(t *testing.T) {
	defer goleak.VerifyNone(t)
	const size, ends, perEnd = 64, 30, 1000
	b, d := bounded.New(size), desync.New(0)
	before, accepted, refused, peak := heap(), 0, 0, 0
	var over atomic.Int64 // jobs that are about to give back their room
	turn := make(chan struct{})
	ended := make(chan struct{}, size)
	for range ends {
		for range perEnd {
			data := make([]byte, payload)
			if b.TryAsync(d, 1, func(n *int) { <-turn; *n += len(data); over.Add(1); ended <- struct{}{} }) != nil {
				refused++
				continue
			}
			accepted++
			// Not d.Pending: it counts a job until the object has turned to the next.
			peak = max(peak, accepted-int(over.Load()))
		}
		turn <- struct{}{}
		<-ended
	}
	grown := heap() - before
	assert.LessOrEqual(t, peak, size, "jobs accepted and not ended")
	assert.Less(t, grown, int64(4*size*payload), "bytes of heap that the flood holds on to")
	close(turn)
	ran := d.Sync(func(n *int) int { return *n }) / payload
	assert.Equal(t, ends*perEnd, ran+refused, "jobs that ran and jobs that were refused: all that were made")
	checkRoom(t, b, size)
}

// Producers that wait are held back to the pace of the jobs.
func TestFloodWaits(t *testing.T) {
	defer goleak.VerifyNone(t)
	const size, producers, each = 16, 8, 500
	b, d := bounded.New(size), desync.New(0)
	var accepted, ended, peak atomic.Int64
	var all sync.WaitGroup
	for range producers {
		all.Go(func() {
			for range each {
				data := make([]byte, payload)
				err := b.Async(t.Context(), d, 1, func(n *int) {
					// Counted low: some may have been accepted and not counted yet.
					peak.Store(max(peak.Load(), accepted.Load()-ended.Load()))
					*n += len(data)
					ended.Add(1)
				})
				assert.NoError(t, err)
				accepted.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, producers*each*payload, d.Sync(func(n *int) int { return *n }), "bytes of all jobs that ran")
	assert.LessOrEqual(t, peak.Load(), int64(size), "jobs accepted and not ended")
	checkRoom(t, b, size)
}

// BenchmarkFlood is a producer that is more than 1,000 times as fast as the jobs, for 10
// seconds: run it with -benchtime 1x. It reports the largest heap seen.
func BenchmarkFlood(b *testing.B) {
	const size, payload = 256, 1 << 10
	for range b.N {
		bound, d := bounded.New(size), desync.New(0)
		before, grown, refused := heap(), int64(0), 0
		end := time.Now().Add(10 * time.Second)
		for n := 0; time.Now().Before(end); n++ {
			data := make([]byte, payload)
			if bound.TryAsync(d, 1, func(n *int) { *n += len(data); time.Sleep(5 * time.Millisecond) }) != nil {
				refused++
			}
			if n%1_000_000 == 0 {
				grown = max(grown, heap()-before)
			}
		}
		ran := d.Sync(func(n *int) int { return *n }) / payload
		b.ReportMetric(float64(ran), "ran")
		b.ReportMetric(float64(refused), "refused")
		b.ReportMetric(float64(grown)/(1<<20), "MiB-grown")
	}
}

// BenchmarkAsync is the cost of a bound where there is room.
func BenchmarkAsync(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		d := desync.New(0)
		for b.Loop() {
			d.Async(func(n *int) { *n++ })
		}
		d.Do(func(*int) {})
	})
	b.Run("bounded", func(b *testing.B) {
		bound, d := bounded.New(1<<40), desync.New(0)
		for b.Loop() {
			_ = bound.Async(b.Context(), d, 1, func(n *int) { *n++ })
		}
		d.Do(func(*int) {})
	})
}
