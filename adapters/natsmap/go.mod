module github.com/go-desync/go-desync/adapters/natsmap

go 1.27

require (
	github.com/go-desync/go-desync/desync v0.1.0
	github.com/go-desync/go-desync/futures v0.1.0
	github.com/nats-io/nats.go v1.55.0
	github.com/nats-io/nuid v1.0.1
)
