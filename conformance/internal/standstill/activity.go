package standstill

import "runtime/metrics"

// Activity returns how often goroutines have been started, or have been given a
// processor after a wait. The runtime counts each start, and one wake-up in eight. Who
// does nothing but sleep between two calls sees it grow by less than [Idle] in a process
// in which nothing else runs; taking dumps makes garbage, and its collection is activity.
func Activity() (n uint64) {
	samples := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}, {Name: "/sched/latencies:seconds"}}
	metrics.Read(samples)
	for _, s := range samples {
		switch s.Value.Kind() {
		case metrics.KindUint64:
			n += s.Value.Uint64()
		case metrics.KindFloat64Histogram:
			for _, count := range s.Value.Float64Histogram().Counts {
				n += count
			}
		}
	}
	return n
}

// Idle is the least activity that is not the caller's own.
const Idle = 4
