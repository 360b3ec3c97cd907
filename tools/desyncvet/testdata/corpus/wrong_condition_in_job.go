// A job waits for a condition on its own data, which no other job can make true.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/adapters/cond"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	ctx := context.Background()
	queue := desync.New([]string{})
	filled := cond.New(queue)
	queue.Do(func(*[]string) {
		first := filled.When(ctx, func(q *[]string) bool { return len(*q) > 0 }, func(_ context.Context, q *[]string) (string, error) {
			return (*q)[0], nil
		})
		fmt.Println(first.Await(ctx))
	})
}
