// Jobs of all shards add to one variable.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	shards := make([]desync.Desync[int], 4)
	total := 0
	for i := range shards {
		shards[i].Async(func(n *int) { total += *n })
	}
	for i := range shards {
		shards[i].Do(func(*int) {})
	}
	fmt.Println(total)
}
