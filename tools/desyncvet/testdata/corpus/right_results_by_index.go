// Each shard writes an element of its own, and all are waited for.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func main() {
	shards := make([]desync.Desync[int], 4)
	results := make([]int, len(shards))
	var fs []*futures.Future[bool]
	for i := range shards {
		fs = append(fs, shards[i].Future(func(n *int) bool {
			results[i] = *n + i
			return true
		}))
	}
	_, err := futures.All(context.Background(), fs...)
	fmt.Println(results, err)
}
