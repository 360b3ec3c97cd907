// A job asks for the results of a stage whose jobs are of the same object.
package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(0)
	stage := pipe.Through(context.Background(), d, slices.Values([]int{1, 2}), 2,
		func(_ context.Context, sum *int, v int) (int, error) { *sum += v; return *sum, nil })
	d.Do(func(*int) {
		for v, err := range stage.All() {
			fmt.Println(v, err)
		}
	})
}
