// Each shard writes an element of its own, and the first is read at once.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	shards := []*desync.Desync[int]{desync.New(1), desync.New(2)}
	results := make([]int, len(shards))
	for i, d := range shards {
		d.Async(func(n *int) { results[i] = *n })
	}
	fmt.Println(results[0])
}
