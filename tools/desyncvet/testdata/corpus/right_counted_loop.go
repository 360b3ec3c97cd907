// A loop by index, of which each round has an element of its own.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	shards := make([]desync.Desync[int], 4)
	results := make([]int, len(shards))
	for i := 0; i < len(shards); i++ {
		results[i] = -1
		shards[i].Async(func(n *int) { results[i] = *n })
	}
	for i := 0; i < len(shards); i++ {
		shards[i].Do(func(*int) {})
		fmt.Println(results[i])
	}
}
