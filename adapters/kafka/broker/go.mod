module github.com/go-desync/go-desync/adapters/kafka/broker

go 1.27

require (
	github.com/go-desync/go-desync/adapters/kafka v0.1.0
	github.com/twmb/franz-go v1.22.3
	github.com/twmb/franz-go/pkg/kadm v1.20.0
)

require (
	github.com/go-desync/go-desync/desync v0.1.0 // indirect
	github.com/go-desync/go-desync/futures v0.1.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/pierrec/lz4/v4 v4.1.33 // indirect
	github.com/twmb/franz-go/pkg/kmsg v1.15.1 // indirect
)
