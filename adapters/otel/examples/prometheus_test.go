package examples

import (
	"bufio"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/go-desync/go-desync/adapters/flight"
	desyncotel "github.com/go-desync/go-desync/adapters/otel"
	"github.com/go-desync/go-desync/desync"
)

// A recorder watches the carts of a shop, and Prometheus reads what it has counted. The keys,
// which are names of customers, stay in the program.
func Example_prometheus() {
	recorder := flight.New()
	carts := desync.NewMap(func(customer string) int { return 0 },
		desync.WithName("carts"), desync.WithObserver(recorder))

	metrics := desyncotel.Metrics(recorder, desyncotel.Gauges(func() []desyncotel.Gauge {
		return []desyncotel.Gauge{{
			Name: "shop.customers", Unit: "{customer}", Description: "Customers with a cart.",
			Value: float64(carts.Len()),
		}}
	}))
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry),
		otelprometheus.WithProducer(metrics),
		otelprometheus.WithoutScopeInfo(),
	)
	if err != nil {
		log.Fatal(err)
	}
	// The exporter is a reader, which works once it has a provider.
	sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})

	for _, customer := range []string{"ann", "bob", "ann"} {
		carts.At(customer).Do(func(items *int) { *items++ })
	}
	resume := carts.At("ann").Suspend()
	carts.At("ann").Async(func(items *int) { *items = 0 })

	response := httptest.NewRecorder()
	handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		line := lines.Text()
		for _, shown := range []string{"desync_job_active", "desync_job_finished", "desync_job_wait_duration_seconds_count", "shop"} {
			if strings.HasPrefix(line, shown) { // the rest depends on the times
				fmt.Println(line)
			}
		}
	}
	resume()
	carts.At("ann").Do(func(*int) {})
	// Output:
	// desync_job_active{desync_job_state="unknown"} 0
	// desync_job_active{desync_job_state="held",desync_object_name="carts"} 1
	// desync_job_active{desync_job_state="queued",desync_object_name="carts"} 1
	// desync_job_active{desync_job_state="running",desync_object_name="carts"} 0
	// desync_job_finished_total{desync_job_outcome="not_run",desync_object_name="carts"} 0
	// desync_job_finished_total{desync_job_outcome="returned",desync_object_name="carts"} 3
	// desync_job_finished_total{desync_job_outcome="unwound",desync_object_name="carts"} 0
	// desync_job_wait_duration_seconds_count{desync_object_name="carts"} 3
	// shop_customers 2
}
