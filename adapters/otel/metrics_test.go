package otel

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// collect returns the metrics that a reader gets from a producer, by name.
func collect(t *testing.T, p sdkmetric.Producer) (byName map[string]metricdata.Metrics, err error) {
	t.Helper()
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(p))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer provider.Shutdown(context.Background())
	var rm metricdata.ResourceMetrics
	err = reader.Collect(context.Background(), &rm)
	byName = make(map[string]metricdata.Metrics)
	for _, sm := range rm.ScopeMetrics {
		if sm.Scope.Name != scope {
			t.Errorf("the scope is called %q, want %q", sm.Scope.Name, scope)
		}
		for _, m := range sm.Metrics {
			if _, twice := byName[m.Name]; twice {
				t.Errorf("two metrics are called %q", m.Name)
			}
			byName[m.Name] = m
		}
	}
	return byName, err
}

// sums returns the values of a sum by the values of its attributes.
func sums(t *testing.T, m metricdata.Metrics) map[string]int64 {
	t.Helper()
	sum, ok := m.Data.(metricdata.Sum[int64])
	if !ok {
		t.Fatalf("%q has data of the type %T, want a sum", m.Name, m.Data)
	}
	values := make(map[string]int64)
	for _, p := range sum.DataPoints {
		var names []string
		for _, kv := range p.Attributes.ToSlice() {
			names = append(names, kv.Value.String())
		}
		values[strings.Join(names, " ")] = p.Value
	}
	return values
}

func TestMetricsOfJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New(flight.Jobs(64))
		p := Metrics(r)
		start := time.Now()
		quiet := desync.WithPanicHandler(func(*desync.PanicError) {})
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r), quiet)
		unnamed := desync.New(0, desync.WithObserver(r))

		ann := m.At("ann")
		ann.Async(func(*int) { time.Sleep(time.Second) })
		ann.Async(func(*int) { time.Sleep(time.Minute) }) // waits 1 s
		ann.Async(func(*int) { panic("on purpose") })     // waits 61 s
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		ann.DoContext(ctx, func(context.Context, *int) error { return nil })
		cancel()
		ann.Do(func(*int) {}) // waits 60.999 s
		synctest.Wait()
		resume := unnamed.Suspend()
		unnamed.Async(func(*int) {})
		unnamed.Async(func(*int) {})
		m.At("bob").Async(func(*int) { time.Sleep(time.Hour) })
		synctest.Wait()

		metrics, err := collect(t, p)
		if err != nil {
			t.Error(err)
		}
		now := time.Now()
		want := map[string]int64{
			"returned orders": 3, "unwound orders": 1, "not_run orders": 1,
			"returned ": 0, "unwound ": 0, "not_run ": 0,
		}
		if got := sums(t, metrics["desync.job.finished"]); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("finished: %v, want %v", got, want)
		}
		want = map[string]int64{
			"queued orders": 0, "held orders": 0, "running orders": 1,
			"queued ": 2, "held ": 1, "running ": 0, "unknown": 0,
		}
		if got := sums(t, metrics["desync.job.active"]); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("active: %v, want %v", got, want)
		}

		bounds := make([]float64, 0, 25)
		for i := 10; i <= 34; i++ {
			bounds = append(bounds, math.Ldexp(1e-9, i))
		}
		// Bucket i is of durations up to bounds[i]: 1 s is below 2^30 ns, and 60 s is above all.
		buckets := func(counts map[int]uint64) []uint64 {
			b := make([]uint64, 26)
			for i, n := range counts {
				b[i] = n
			}
			return b
		}
		point := func(name string, count uint64, sum float64, counts map[int]uint64) metricdata.HistogramDataPoint[float64] {
			return metricdata.HistogramDataPoint[float64]{
				Attributes: attribute.NewSet(attribute.String("desync.object.name", name)),
				StartTime:  start, Time: now, Count: count, Sum: sum, Bounds: bounds, BucketCounts: buckets(counts),
			}
		}
		for name, points := range map[string][]metricdata.HistogramDataPoint[float64]{
			// bob's job has started and not ended, so it is in neither.
			"desync.job.wait.duration": {
				point("orders", 4, 0+1+61+60.999, map[int]uint64{0: 1, 20: 1, 25: 2}),
				point("", 0, 0, nil),
			},
			"desync.job.run.duration": {
				point("orders", 4, 1+60, map[int]uint64{0: 2, 20: 1, 25: 1}),
				point("", 0, 0, nil),
			},
		} {
			got := metrics[name]
			if got.Unit != "s" || got.Description == "" {
				t.Errorf("%s has the unit %q and the description %q", name, got.Unit, got.Description)
			}
			metricdatatest.AssertAggregationsEqual(t, metricdata.Histogram[float64]{
				Temporality: metricdata.CumulativeTemporality, DataPoints: points,
			}, got.Data)
		}
		if text := fmt.Sprint(metrics); strings.Contains(text, "ann") || strings.Contains(text, "bob") {
			t.Errorf("a key is shown: %s", text)
		}
		resume()
		time.Sleep(2 * time.Hour)
	})
}

func TestMetricsKeepToTheirLimitOfSeries(t *testing.T) {
	r := flight.New()
	for i := range 1000 {
		desync.New(0, desync.WithName(fmt.Sprint("object ", i)), desync.WithObserver(r)).Do(func(*int) {})
	}
	metrics, err := collect(t, Metrics(r))
	if err != nil {
		t.Error(err)
	}
	const names = 201
	count := 0
	for name, m := range metrics {
		switch d := m.Data.(type) {
		case metricdata.Histogram[float64]:
			if len(d.DataPoints) != names {
				t.Errorf("%s has %d series, want %d", name, len(d.DataPoints), names)
			}
			for _, p := range d.DataPoints {
				count += int(p.Count)
			}
		case metricdata.Sum[int64]:
			if n := len(d.DataPoints); n < 3*names || n > 3*names+1 {
				t.Errorf("%s has %d series, want %d", name, n, 3*names)
			}
		}
	}
	if count != 2*1000 {
		t.Errorf("%d jobs in both histograms, want 2000", count)
	}
}

// Jobs in flight that a recorder has no room for are shown.
func TestMetricsOfMoreJobsThanTheRecorderHasRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New(flight.Jobs(16))
		d := desync.New(0, desync.WithName("d"), desync.WithObserver(r))
		resume := d.Suspend()
		const jobs = 10_000
		for range jobs {
			d.Async(func(*int) {})
		}
		metrics, _ := collect(t, Metrics(r))
		active := sums(t, metrics["desync.job.active"])
		total := int64(0)
		for _, n := range active {
			total += n
		}
		if total != jobs+1 || active["unknown"] == 0 {
			t.Errorf("active %v; want %d in all, some of them unknown", active, jobs+1)
		}
		resume()
	})
}

func TestGauges(t *testing.T) {
	lag := func(n int, v float64) Gauge {
		return Gauge{Name: "orders.lag", Unit: "{job}", Description: "How far behind.", Attributes: []attribute.KeyValue{attribute.Int("partition", n)}, Value: v}
	}
	p := Metrics(flight.New(flight.Jobs(16)),
		Gauges(func() []Gauge { return []Gauge{lag(0, 1), lag(1, 2)} }),
		Gauges(func() []Gauge {
			return []Gauge{
				lag(2, 3),
				lag(1, 99),
				{Name: "desync.job.active", Value: 99},
				{Name: "", Value: 99},
				{Name: "1st", Value: 99},
				{Name: "a\xff", Value: 99},
				{Name: strings.Repeat("a", 1<<20), Value: 99},
				{Name: "orders.owners", Value: 4},
			}
		}),
		Gauges(func() []Gauge { return nil }))
	metrics, err := collect(t, p)
	if len(metrics) != 4+2 {
		t.Errorf("%d metrics, want those of jobs and two more", len(metrics))
	}
	metricdatatest.AssertEqual(t, metricdata.Metrics{
		Name: "orders.lag", Unit: "{job}", Description: "How far behind.",
		Data: metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{
			{Attributes: attribute.NewSet(attribute.Int("partition", 0)), Value: 1},
			{Attributes: attribute.NewSet(attribute.Int("partition", 1)), Value: 2},
			{Attributes: attribute.NewSet(attribute.Int("partition", 2)), Value: 3},
		}},
	}, metrics["orders.lag"], metricdatatest.IgnoreTimestamp())
	metricdatatest.AssertEqual(t, metricdata.Metrics{
		Name: "orders.owners",
		Data: metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{{Value: 4}}},
	}, metrics["orders.owners"], metricdatatest.IgnoreTimestamp())
	if err == nil {
		t.Fatal("no error says that gauges are left out")
	}
	if got := strings.Count(err.Error(), "is left out"); got != 6 {
		t.Errorf("the error tells of %d gauges, want 6:\n%v", got, err)
	}
	for _, part := range []string{
		`the gauge "orders.lag" with the attributes`, "another with the same name and attributes",
		`"desync.job.active"`, "is no gauge", `"1st"`, "no name of a metric",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not contain %q:\n%v", part, err)
		}
	}
	if n := len(err.Error()); n > 4096 {
		t.Errorf("the error has %d bytes", n)
	}
}

// Names that cannot be told apart when they are shown share their series.
func TestMetricsOfNamesThatCannotBeShown(t *testing.T) {
	r := flight.New(flight.Jobs(64))
	for _, name := range []string{"a\xff", "a\xfe", strings.Repeat("b", 1<<20), strings.Repeat("b", 1<<20) + "c"} {
		desync.New(0, desync.WithName(name), desync.WithObserver(r)).Do(func(*int) {})
	}
	metrics, err := collect(t, Metrics(r))
	if err != nil {
		t.Error(err)
	}
	finished := sums(t, metrics["desync.job.finished"])
	returned := 0
	for name, n := range finished {
		if len(name) > 300 || !utf8.ValidString(name) {
			t.Errorf("a series for the name %.400q", name)
		}
		if strings.HasPrefix(name, "returned ") {
			returned += int(n)
		}
	}
	if points := metrics["desync.job.finished"].Data.(metricdata.Sum[int64]).DataPoints; len(points) != len(finished) || returned != 4 {
		t.Errorf("%d series, %d distinct ones, %d jobs; want distinct ones and 4 jobs", len(points), len(finished), returned)
	}
	for _, p := range metrics["desync.job.wait.duration"].Data.(metricdata.Histogram[float64]).DataPoints {
		if p.Count != 2 {
			t.Errorf("%d jobs in the histogram of %v, want 2", p.Count, p.Attributes.ToSlice())
		}
	}
}

// Readers may collect while jobs run, several at once.
func TestMetricsUnderLoad(t *testing.T) {
	r := flight.New(flight.Jobs(64))
	d := desync.New(0, desync.WithName("d"), desync.WithObserver(r))
	p := Metrics(r)
	var wg sync.WaitGroup
	const goroutines, rounds = 4, 200
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				d.Do(func(*int) {})
			}
		})
		wg.Go(func() {
			for range 5 {
				if _, err := p.Produce(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	metrics, _ := collect(t, p)
	if got := sums(t, metrics["desync.job.finished"])["returned d"]; got != goroutines*rounds {
		t.Errorf("%d jobs have returned, want %d", got, goroutines*rounds)
	}
	for name, n := range sums(t, metrics["desync.job.active"]) {
		if n != 0 {
			t.Errorf("%d jobs are %s at the end", n, name)
		}
	}
}

func TestMetricsRefuseWrongUse(t *testing.T) {
	for want, call := range map[string]func(){
		"otel: Metrics: the recorder is nil": func() { Metrics(nil) },
		"otel: Gauges: the function is nil":  func() { Gauges(nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			call()
		}()
	}
}
