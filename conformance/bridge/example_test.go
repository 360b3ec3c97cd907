package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-desync/go-desync/conformance/bridge"
)

// A channel and the goroutine that receives from it. The bridge notes what comes out,
// where the program would use it.
func ExampleOpener() {
	channel := func(observe func(item int)) (push func(item int) error, finish func() error) {
		items, done := make(chan int, 8), make(chan struct{})
		go func() {
			defer close(done)
			for item := range items {
				observe(item)
			}
		}()
		push = func(item int) error { items <- item; return nil }
		finish = func() error { close(items); <-done; return nil }
		return push, finish
	}
	fmt.Println(bridge.Check(context.Background(), channel))
	// Output: <nil>
}

// A stack instead of a queue.
func ExampleCheck() {
	stack := func(observe func(item int)) (push func(item int) error, finish func() error) {
		var (
			mu    sync.Mutex
			items []int
		)
		push = func(item int) error {
			mu.Lock()
			defer mu.Unlock()
			items = append(items, item)
			return nil
		}
		finish = func() error {
			for _, item := range slices.Backward(items) {
				observe(item)
			}
			return nil
		}
		return push, finish
	}
	fmt.Println(bridge.Check(context.Background(), stack))
	// Output:
	// bridge: with 4 goroutines that push in turns: the push of item 3 had returned before that of item 63 began, but item 63 was observed first
	// ORD-1 violated: one client called #3 before #63, but #63 ran first
	//  g3  |--push#3--ret| |--push#63--ret|
	//  run                                  [#63] [#3]
}
