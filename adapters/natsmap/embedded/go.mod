module github.com/go-desync/go-desync/adapters/natsmap/embedded

go 1.27

require (
	github.com/go-desync/go-desync/adapters/natsmap v0.1.0
	github.com/gofrs/flock v0.13.1
	github.com/nats-io/nats-server/v2 v2.15.2
	github.com/nats-io/nats.go v1.55.0
)
