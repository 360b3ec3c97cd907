package otel_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/adapters/otel"
	"github.com/go-desync/go-desync/desync"
)

// newProvider returns a provider of tracers, and what its spans are exported to.
func newProvider() (*sdktrace.TracerProvider, *tracetest.InMemoryExporter) {
	spans := tracetest.NewInMemoryExporter()
	return sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)), spans
}

func ExampleTracing() {
	provider, spans := newProvider()
	tracer := provider.Tracer("shop")
	stock := desync.New(1, desync.WithName("stock"), desync.WithObserver(otel.Tracing(provider)))

	ctx, order := tracer.Start(context.Background(), "order")
	for range 2 {
		stock.DoContext(ctx, func(ctx context.Context, n *int) error {
			_, look := tracer.Start(ctx, "look")
			defer look.End()
			if *n == 0 {
				return errors.New("sold out")
			}
			*n--
			return nil
		})
	}
	order.End()

	names := map[any]string{}
	for _, s := range spans.GetSpans() {
		names[s.SpanContext.SpanID()] = s.Name
	}
	for _, s := range spans.GetSpans() {
		fmt.Printf("%s, below %q: %v %q\n", s.Name, names[s.Parent.SpanID()], s.Status.Code, s.Status.Description)
	}
	// Output:
	// look, below "do stock": Unset ""
	// do stock, below "order": Unset ""
	// look, below "do stock": Unset ""
	// do stock, below "order": Error "sold out"
	// order, below "": Unset ""
}

func ExampleTracingOption() {
	provider, _ := newProvider()
	tracing := otel.Tracing(provider, otel.Linked(), otel.WaitSpans(time.Millisecond))
	orders := desync.NewMap(func(customer string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(tracing))
	orders.At("ann").Do(func(n *int) { *n++ })
	fmt.Println(orders.Len())
	// Output: 1
}

func ExampleLinked() {
	provider, spans := newProvider()
	mails := desync.New(0, desync.WithName("mails"), desync.WithObserver(otel.Tracing(provider, otel.Linked())))

	ctx, request := provider.Tracer("shop").Start(context.Background(), "request")
	sent := mails.FutureContext(ctx, func(_ context.Context, n *int) (int, error) {
		*n++
		return *n, nil
	})
	request.End() // it does not wait
	fmt.Println(sent.Await(context.Background()))
	mails.Do(func(*int) {}) // with its turn over, the span has ended

	for _, s := range spans.GetSpans() {
		if s.Name == "future mails" {
			fmt.Println("part of the trace of the request:", s.SpanContext.TraceID() == request.SpanContext().TraceID())
			fmt.Println("linked to it:", s.Links[0].SpanContext.TraceID() == request.SpanContext().TraceID())
		}
	}
	// Output:
	// 1 <nil>
	// part of the trace of the request: false
	// linked to it: true
}

func ExampleWaitSpans() {
	provider, spans := newProvider()
	tracing := otel.Tracing(provider, otel.WaitSpans(time.Millisecond))
	stock := desync.New(1, desync.WithName("stock"), desync.WithObserver(tracing))

	stock.Async(func(*int) { time.Sleep(10 * time.Millisecond) })
	stock.DoContext(context.Background(), func(context.Context, *int) error { return nil })

	for _, s := range spans.GetSpans() {
		fmt.Println(s.Name)
	}
	// Output:
	// wait for do stock
	// do stock
}

// reader returns a reader of metrics, as exporters have one.
func reader(p sdkmetric.Producer) *sdkmetric.ManualReader {
	r := sdkmetric.NewManualReader(sdkmetric.WithProducer(p))
	sdkmetric.NewMeterProvider(sdkmetric.WithReader(r))
	return r
}

func ExampleMetrics() {
	recorder := flight.New()
	metrics := otel.Metrics(recorder)
	stock := desync.New(3, desync.WithName("stock"), desync.WithObserver(recorder))
	for range 3 {
		stock.Do(func(n *int) { *n-- })
	}

	var all metricdata.ResourceMetrics
	if err := reader(metrics).Collect(context.Background(), &all); err != nil {
		fmt.Println(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		fmt.Printf("%s in %s\n", m.Name, m.Unit)
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
			fmt.Println("  jobs:", h.DataPoints[0].Count)
		}
	}
	// Output:
	// desync.job.wait.duration in s
	//   jobs: 3
	// desync.job.run.duration in s
	//   jobs: 3
	// desync.job.finished in {job}
	// desync.job.active in {job}
}

func ExampleMetricsOption() {
	queued := func() []otel.Gauge {
		return []otel.Gauge{{Name: "shop.mails.queued", Unit: "{mail}", Value: 2}}
	}
	var options []otel.MetricsOption
	options = append(options, otel.Gauges(queued))
	fmt.Println(otel.Metrics(flight.New(), options...) != nil)
	// Output: true
}

func ExampleGauge() {
	lag := otel.Gauge{
		Name: "shop.partition.lag", Unit: "{record}", Description: "Records that were not read yet.",
		Attributes: []attribute.KeyValue{attribute.Int("partition", 7)},
		Value:      120,
	}
	fmt.Println(lag.Name, lag.Value)
	// Output: shop.partition.lag 120
}

func ExampleGauges() {
	stock := desync.NewMap(func(article string) int { return 3 }, desync.WithName("stock"))
	metrics := otel.Metrics(flight.New(), otel.Gauges(func() []otel.Gauge {
		return []otel.Gauge{{Name: "shop.articles", Unit: "{article}", Value: float64(stock.Len())}}
	}))
	stock.At("tea").Do(func(n *int) { *n-- })
	stock.At("cup").Do(func(n *int) { *n-- })

	var all metricdata.ResourceMetrics
	if err := reader(metrics).Collect(context.Background(), &all); err != nil {
		fmt.Println(err)
	}
	of := all.ScopeMetrics[0].Metrics
	last := of[len(of)-1]
	fmt.Println(last.Name, last.Data.(metricdata.Gauge[float64]).DataPoints[0].Value)
	// Output: shop.articles 2
}
