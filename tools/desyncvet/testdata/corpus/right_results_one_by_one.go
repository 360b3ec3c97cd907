// Each result is read when its own shard has been waited for.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	shards := []*desync.Desync[int]{desync.New(1), desync.New(2)}
	results := make([]int, len(shards))
	for i, d := range shards {
		results[i] = -1
		d.Async(func(n *int) { results[i] = *n })
	}
	for i, d := range shards {
		d.Do(func(*int) {})
		fmt.Println(results[i])
	}
	for _, n := range results {
		fmt.Println(n)
	}
}
