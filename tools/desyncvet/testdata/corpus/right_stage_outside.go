// The results are asked for outside of the object's jobs, or in those of another.
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
	d, results := desync.New(0), desync.New([]int(nil))
	add := func(_ context.Context, sum *int, v int) (int, error) { *sum += v; return *sum, nil }
	stage := pipe.Through(ctx, d, slices.Values([]int{1, 2}), 2, add)
	var err error
	results.Do(func(l *[]int) { *l = slices.Collect(pipe.Values(stage.All(), &err)) })
	d.Do(func(*int) { fmt.Println(stage.All() != nil) })
	fmt.Println(err)
}
