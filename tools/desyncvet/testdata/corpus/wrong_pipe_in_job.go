// A job waits for what is piped into its own object.
package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	ctx := context.Background()
	d := desync.New(0)
	f := pipe.In(ctx, d, slices.Values([]int{1, 2}), 1, func(_ context.Context, sum *int, v int) error { *sum += v; return nil })
	d.Do(func(*int) {
		report, err := f.Await(ctx)
		fmt.Println(report, err)
	})
}
