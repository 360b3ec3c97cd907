module github.com/go-desync/go-desync/futures

go 1.27
