module github.com/go-desync/go-desync/adapters/debug/browser

go 1.27

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/go-desync/go-desync/adapters v0.1.0
	github.com/go-desync/go-desync/desync v0.1.0
)

require (
	github.com/go-desync/go-desync/futures v0.1.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
)
