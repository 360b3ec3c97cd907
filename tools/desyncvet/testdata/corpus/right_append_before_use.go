// A slice of objects is filled before any of them is used.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type shard struct {
	name string
	d    desync.Desync[int]
}

func newShards(n int) []shard {
	var shards []shard
	for i := range n {
		shards = append(shards, shard{name: fmt.Sprint(i), d: *desync.New(i)})
	}
	return shards
}

func main() {
	shards := newShards(3)
	shards[0].d.Async(func(n *int) { *n++ })
	fmt.Println(shards[0].d.Sync(func(n *int) int { return *n }))
}
