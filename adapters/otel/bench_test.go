package otel

import (
	"context"
	"fmt"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

func BenchmarkDoContext(b *testing.B) {
	provider := func(s sdktrace.Sampler) *sdktrace.TracerProvider {
		return sdktrace.NewTracerProvider(sdktrace.WithSampler(s))
	}
	recorder := desync.WithObserver(flight.New())
	for _, of := range []struct {
		name string
		opts []desync.Option
	}{
		{"plain", nil},
		{"nop", []desync.Option{desync.WithObserver(desync.NopObserver{})}},
		{"recorder", []desync.Option{recorder}},
		{"tracing/never", []desync.Option{desync.WithObserver(Tracing(provider(sdktrace.NeverSample())))}},
		{"tracing/always", []desync.Option{desync.WithObserver(Tracing(provider(sdktrace.AlwaysSample())))}},
	} {
		b.Run(of.name, func(b *testing.B) {
			d := desync.New(0, append(of.opts, desync.WithName("counter"))...)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				d.DoContext(ctx, func(_ context.Context, n *int) error { *n++; return nil })
			}
		})
	}
}

func BenchmarkProduce(b *testing.B) {
	for _, names := range []int{1, 200} {
		b.Run(fmt.Sprintf("names=%d", names), func(b *testing.B) {
			r := flight.New()
			for i := range 1 << 14 {
				name := desync.WithName(fmt.Sprint(i % names))
				desync.New(0, name, desync.WithObserver(r)).Do(func(*int) {})
			}
			var p sdkmetric.Producer = Metrics(r)
			for b.Loop() {
				if _, err := p.Produce(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
