module github.com/go-desync/go-desync/desync

go 1.27

require github.com/go-desync/go-desync/futures v0.1.0
