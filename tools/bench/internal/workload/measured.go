package workload

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// measured measures what metrics of each job cost: by a recorder, whose histograms
// adapters/otel hands over when they are collected, and by two histograms of the metrics SDK
// that an observer records into. Both are without the cost of an observer that does nothing.
type measured struct{ most float64 }

const sdkHistograms = "two histograms of the OpenTelemetry SDK"

func (measured) Name() string { return "observed Do, what metrics add" }

func (measured) LeftOut([]subject.Subject, measure.Options) []report.Omission { return nil }

func (w measured) Rough(_ []subject.Subject, o measure.Options) time.Duration {
	return w.as().Rough(nil, o)
}

func (measured) as() versus {
	return versus{
		batch: 1,
		own:   observedSide(recorderName, 1, 0, withRecorder),
		peers: []side{observedSide(sdkHistograms, 1, 0, withSDK), observedSide(nopObserver, 1, 0, withNop)},
	}
}

func (w measured) Measure(ctx context.Context, _ subject.Subject, _ []subject.Subject, o measure.Options) ([]report.Row, error) {
	v := w.as()
	all, err := measure.Compare(ctx, []measure.Runner{v.runner(v.own), v.runner(v.peers[0]), v.runner(v.peers[1])}, o)
	if err != nil {
		return nil, err
	}
	nothing := measure.Quartiles(all[2].Nanos).Median
	for i := range all[:2] {
		for j := range all[i].Nanos {
			all[i].Nanos[j] = max(0.1, all[i].Nanos[j]-nothing) // a ratio needs a time
		}
	}
	return compared(w.Name(), report.Line{}, all[:2], goals{sdkHistograms: {most: w.most}}), nil
}

func withSDK() []desync.Option {
	reader := sdkmetric.NewManualReader()
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("bench")
	o := &sdkObserver{}
	// The instruments are valid, so there is no error.
	o.wait, _ = meter.Float64Histogram("wait", metric.WithUnit("s"))
	o.run, _ = meter.Float64Histogram("run", metric.WithUnit("s"))
	o.name = metric.WithAttributeSet(attribute.NewSet(attribute.String("desync.object.name", "observed")))
	return []desync.Option{desync.WithObserver(o)}
}

// sdkObserver is what one would write without adapters/otel.
type sdkObserver struct {
	desync.NopObserver
	wait, run metric.Float64Histogram
	name      metric.MeasurementOption
}

func (o *sdkObserver) Finished(j desync.JobInfo) {
	ctx := context.Background()
	o.wait.Record(ctx, j.Started.Sub(j.Queued).Seconds(), o.name)
	o.run.Record(ctx, j.Finished.Sub(j.Started).Seconds(), o.name)
}
