package otel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/go-desync/go-desync/adapters/flight"
)

// A MetricsOption changes what [Metrics] produces.
type MetricsOption func(*producer)

// Metrics returns what a reader of the metrics SDK gets the metrics of a recorder from; give
// it to [sdkmetric.WithProducer]. Call it when the recorder is made: the time of the call is
// the start of the counts. They are always cumulative, whatever temporality the reader
// prefers.
//
//	name                      kind       unit   attributes
//	desync.job.wait.duration  histogram  s      desync.object.name
//	desync.job.run.duration   histogram  s      desync.object.name
//	desync.job.finished       counter    {job}  desync.object.name, desync.job.outcome
//	desync.job.active         up-down    {job}  desync.object.name, desync.job.state
//
// The wait is the time from the call until the turn of the job. Both histograms are of jobs
// that have run, with a bucket for each power of two from 1.024 µs to 17.2 s. The outcome is
// returned, unwound (by a panic or runtime.Goexit) or not_run. The state is queued, held (the
// object is held for the job, which cannot start yet), running or, without a name of an
// object, unknown: jobs in flight that the recorder has no room for.
//
// The recorder tells 200 names apart, so an instrument has at most about 600 series. Objects
// without a name have the empty one. No attribute has the key of an object.
//
// Nothing is done until a reader collects; then Produce takes a snapshot. It may be called by
// several goroutines.
//
// Metrics panics if r is nil.
func Metrics(r *flight.Recorder, opts ...MetricsOption) sdkmetric.Producer {
	if r == nil {
		panic("otel: Metrics: the recorder is nil")
	}
	p := &producer{recorder: r, start: time.Now()}
	for _, o := range opts {
		o(p)
	}
	return p
}

type producer struct {
	recorder *flight.Recorder
	start    time.Time
	gauges   []func() []Gauge
}

// Produce returns the metrics of one scope. With an error, which is about gauges, it returns
// all others.
func (p *producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	s := p.recorder.Snapshot()
	metrics := p.metrics(s)
	gauges, err := p.gauged(s.Taken, metrics)
	return []metricdata.ScopeMetrics{{
		Scope:   instrumentation.Scope{Name: scope},
		Metrics: append(metrics, gauges...),
	}}, err
}

// metrics returns the metrics of a snapshot.
func (p *producer) metrics(s *flight.Snapshot) []metricdata.Metrics {
	var (
		wait, run        []metricdata.HistogramDataPoint[float64]
		finished, active []metricdata.DataPoint[int64]
		bounds           = bounds()
	)
	for _, n := range distinct(s.Names) {
		if n.Returned+n.Unwound+n.NotRun == 0 && n.Queued+n.Held+n.Running == 0 {
			continue // the name "other", mostly
		}
		name := nameKey.String(n.Name)
		histogram := func(h flight.Histogram) metricdata.HistogramDataPoint[float64] {
			count, buckets := bucketsOf(h)
			return metricdata.HistogramDataPoint[float64]{
				Attributes: attribute.NewSet(name), StartTime: p.start, Time: s.Taken,
				Count: count, Sum: h.Sum.Seconds(), Bounds: bounds, BucketCounts: buckets,
			}
		}
		number := func(v int64, more attribute.KeyValue) metricdata.DataPoint[int64] {
			return metricdata.DataPoint[int64]{
				Attributes: attribute.NewSet(name, more), StartTime: p.start, Time: s.Taken, Value: v,
			}
		}
		wait = append(wait, histogram(n.Wait))
		run = append(run, histogram(n.Run))
		finished = append(finished,
			number(int64(n.Returned), outcomeKey.String(returned)),
			number(int64(n.Unwound), outcomeKey.String(unwound)),
			number(int64(n.NotRun), outcomeKey.String(notRun)))
		active = append(active,
			number(int64(n.Queued), stateKey.String("queued")),
			number(int64(n.Held), stateKey.String("held")),
			number(int64(n.Running), stateKey.String("running")))
	}
	active = append(active, metricdata.DataPoint[int64]{
		Attributes: attribute.NewSet(stateKey.String("unknown")), StartTime: p.start, Time: s.Taken, Value: int64(s.Dropped),
	})
	return []metricdata.Metrics{
		{
			Name: "desync.job.wait.duration", Unit: "s",
			Description: "Time from the call until the turn of the job, of jobs that have run.",
			Data:        metricdata.Histogram[float64]{DataPoints: wait, Temporality: metricdata.CumulativeTemporality},
		},
		{
			Name: "desync.job.run.duration", Unit: "s",
			Description: "Time that the job has run.",
			Data:        metricdata.Histogram[float64]{DataPoints: run, Temporality: metricdata.CumulativeTemporality},
		},
		{
			Name: "desync.job.finished", Unit: "{job}",
			Description: "Jobs that have ended, or will never run.",
			Data:        metricdata.Sum[int64]{DataPoints: finished, Temporality: metricdata.CumulativeTemporality, IsMonotonic: true},
		},
		{
			Name: "desync.job.active", Unit: "{job}",
			Description: "Jobs that were accepted and have not ended.",
			Data:        metricdata.Sum[int64]{DataPoints: active, Temporality: metricdata.CumulativeTemporality},
		},
	}
}

// distinct returns names of which no two are the same: two series with the same attributes
// would make some exporters refuse all metrics. In a snapshot, names that were not valid UTF-8
// may be.
func distinct(names []flight.Name) (all []flight.Name) {
	index := make(map[string]int)
	for _, n := range names {
		n.Name = legible(n.Name)
		i, found := index[n.Name]
		if !found {
			index[n.Name] = len(all)
			all = append(all, n)
			continue
		}
		into := &all[i]
		for _, h := range [...]struct{ into, from *flight.Histogram }{{&into.Wait, &n.Wait}, {&into.Run, &n.Run}} {
			h.into.Sum += h.from.Sum
			for k, c := range h.from.Counts {
				h.into.Counts[k] += c
			}
		}
		into.Returned += n.Returned
		into.Unwound += n.Unwound
		into.NotRun += n.NotRun
		into.Queued += n.Queued
		into.Held += n.Held
		into.Running += n.Running
	}
	return all
}

// The bounds of the buckets are powers of two of nanoseconds.
const (
	leastBound = 10 // 1.024 µs
	mostBound  = 34 // 17.2 s
)

func bounds() (seconds []float64) {
	for i := leastBound; i <= mostBound; i++ {
		seconds = append(seconds, (time.Duration(1) << i).Seconds())
	}
	return seconds
}

// bucketsOf returns the counts between the bounds. A duration that equals a bound is counted
// above it and not, as OpenTelemetry has it, below: no clock can tell.
func bucketsOf(h flight.Histogram) (count uint64, buckets []uint64) {
	buckets = make([]uint64, mostBound-leastBound+2)
	for i, n := range h.Counts {
		buckets[min(max(i-leastBound, 0), len(buckets)-1)] += n
		count += n
	}
	return count, buckets
}
