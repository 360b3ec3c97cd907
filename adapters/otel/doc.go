// Package otel shows what jobs do in OpenTelemetry: [Tracing] makes a span for each job of a
// call with a context, and [Metrics] makes histograms of waits and runs from a
// [flight.Recorder]. The two are independent of each other.
//
// The package has the name of the API's own package, so programs that import both give one of
// them another name:
//
//	import (
//		desyncotel "github.com/go-desync/go-desync/adapters/otel"
//		"go.opentelemetry.io/otel"
//	)
//
//	recorder := flight.New()
//	orders := desync.NewMap(load, desync.WithName("orders"),
//		desync.WithObserver(recorder),
//		desync.WithObserver(desyncotel.Tracing(otel.GetTracerProvider())))
//	reader := sdkmetric.NewPeriodicReader(exporter,
//		sdkmetric.WithProducer(desyncotel.Metrics(recorder)))
//
// # By hand
//
//	func (s *Shop) Order(ctx context.Context, o Order) error {
//		ctx, span := tracer.Start(ctx, "order")
//		defer span.End()
//		start := time.Now()
//		err := s.orders.At(o.Customer).DoContext(ctx, func(ctx context.Context, l *List) error {
//			wait.Record(ctx, time.Since(start).Seconds(),
//				metric.WithAttributes(attribute.String("customer", o.Customer)))
//			return l.Add(ctx, o)
//		})
//		if err != nil {
//			span.SetStatus(codes.Error, err.Error())
//		}
//		return err
//	}
//
// What this gets wrong, and the package does not:
//
//   - One span covers the wait and the job. It does not show which of them was slow.
//   - If the job panics, the span ends as if all were well.
//   - The wait of a job that never runs, mostly the longest, is recorded nowhere.
//   - The histogram has a series for each customer. Past 2,000 of them the SDK drops the
//     attributes of all others, and the names of customers are known to whoever may see a
//     dashboard.
//   - The default buckets of a histogram begin at 5 ms. Most waits in a process are below.
//   - A job of FutureContext needs other code again: its span must not end with the call.
//   - Every call has to be written this way.
//
// # Parent or link
//
// A job that the caller waits for is a part of what the caller does, so its span is a child of
// the caller's. For a job in the background opinions differ. As a child it is seen in one
// trace with its cause, but the trace may go on for long after its root has ended. With
// [Linked] it has a trace of its own, and a link to the caller.
//
// # What it costs
//
// A span costs about a microsecond for each call, three if it is sampled, and more with an
// exporter that is told of each span when it ends. Metrics cost jobs nothing beyond what the
// recorder does: its histograms are read when a reader collects, which takes some 20 ms.
//
// Order does not apply: nothing is handed over.
package otel
