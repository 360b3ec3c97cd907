module github.com/go-desync/go-desync/tools/bench

go 1.27

require (
	github.com/alecthomas/kong v1.17.0
	github.com/go-desync/go-desync/desync v0.1.0
	github.com/klauspost/cpuid/v2 v2.4.2
	github.com/schollz/progressbar/v3 v3.19.1
	golang.org/x/term v0.48.0
)

require (
	github.com/go-desync/go-desync/futures v0.1.0 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	golang.org/x/sys v0.50.0 // indirect
)
