// Each shard writes an element of its own, and nobody waits before they are read.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	shards := make([]desync.Desync[int], 4)
	results := make([]int, len(shards))
	for i := range shards {
		shards[i].Async(func(n *int) { results[i] = *n })
	}
	sum := 0
	for _, n := range results {
		sum += n
	}
	fmt.Println(sum)
}
