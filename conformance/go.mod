module github.com/go-desync/go-desync/conformance

go 1.27

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/google/go-cmp v0.7.0
	go.uber.org/goleak v1.3.0
)
