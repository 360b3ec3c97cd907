// A caller waits for a condition, and a job of another one makes it true.
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
	first := filled.When(ctx, func(q *[]string) bool { return len(*q) > 0 }, func(_ context.Context, q *[]string) (string, error) {
		return (*q)[0], nil
	})
	filled.Do(func(q *[]string) { *q = append(*q, "a") })
	fmt.Println(first.Await(ctx))
}
