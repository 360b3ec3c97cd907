// A loop by index hands over jobs of several objects that write one variable.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	shards := make([]desync.Desync[int], 4)
	most := 0
	for i := 0; i < len(shards); i++ {
		shards[i].Async(func(n *int) { most = max(most, *n) })
	}
	for i := 0; i < len(shards); i++ {
		shards[i].Do(func(*int) {})
	}
	fmt.Println(most)
}
