module github.com/go-desync/go-desync/adapters

go 1.27

require (
	github.com/go-desync/go-desync/conformance v0.1.0
	github.com/go-desync/go-desync/desync v0.1.0
	github.com/go-desync/go-desync/futures v0.1.0
	github.com/google/go-cmp v0.7.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	golang.org/x/sync v0.25.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
