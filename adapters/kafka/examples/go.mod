module github.com/go-desync/go-desync/adapters/kafka/examples

go 1.27

require (
	github.com/go-desync/go-desync/adapters v0.1.0
	github.com/go-desync/go-desync/adapters/kafka v0.1.0
	github.com/go-desync/go-desync/adapters/otel v0.1.0
	github.com/twmb/franz-go v1.22.3
	github.com/twmb/franz-go/pkg/kfake v0.0.0-20260918054303-01f206a7e32c
	github.com/twmb/franz-go/pkg/kmsg v1.15.1
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/sdk/metric v1.47.0
	go.uber.org/goleak v1.3.0
	modernc.org/sqlite v1.62.0
)
