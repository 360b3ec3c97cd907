package examples_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/adapters/kafka"
	desyncotel "github.com/go-desync/go-desync/adapters/otel"
)

// gauges are those of a consumer, for OpenTelemetry.
func gauges(c *kafka.Consumer) desyncotel.MetricsOption {
	return desyncotel.Gauges(func() (all []desyncotel.Gauge) {
		for _, g := range c.Stats().Gauges() {
			o := desyncotel.Gauge{Name: g.Name, Unit: g.Unit, Description: g.Description, Value: g.Value}
			if g.Topic != "" {
				o.Attributes = []attribute.KeyValue{attribute.String("topic", g.Topic), attribute.Int("partition", int(g.Partition))}
			}
			all = append(all, o)
		}
		return all
	})
}

// A record fails. The metrics have the lag and the key that is retried, and the page of package
// debug has a table with them.
func Example_watched() {
	cluster := produced("orders", kgo.KeyStringRecord("ann", "a unicorn"), kgo.KeyStringRecord("ann", "a lamp"))
	defer cluster.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	recorder := flight.New()
	failed := make(chan struct{}, 1)
	c := &kafka.Consumer{
		Observer: recorder,
		Handle:   func(context.Context, *kgo.Record) error { return errors.New("out of stock") },
		Backoff:  func(int) time.Duration { failed <- struct{}{}; return time.Hour },
	}
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(desyncotel.Metrics(recorder, gauges(c))))
	sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	page := debug.Handler(recorder, debug.Table(c.Table("partitions")))

	ended := make(chan error)
	go func() {
		ended <- c.Run(ctx, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumerGroup("shipping"), kgo.ConsumeTopics("orders"))
	}()
	<-failed

	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &metrics); err != nil {
		log.Fatal(err)
	}
	for _, m := range metrics.ScopeMetrics[0].Metrics {
		if m.Name == "kafka.partition.lag" || m.Name == "kafka.partition.retried" {
			fmt.Println(m.Name, m.Data.(metricdata.Gauge[float64]).DataPoints[0].Value)
		}
	}

	response := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "http://localhost/state.json", nil)
	request.RemoteAddr = "127.0.0.1:1024"
	page.ServeHTTP(response, request)
	_, table, _ := strings.Cut(response.Body.String(), `"tables":`)
	fmt.Println(strings.Contains(table, "1: offset 0, 1 attempts"))

	cancel()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
	// Output:
	// kafka.partition.lag 2
	// kafka.partition.retried 1
	// true
}
