// What a function has just made may be put where it belongs.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type shard struct{ hits desync.Desync[int] }

func newShard() *shard { return &shard{} }

func main() {
	s := *newShard()
	p := &*newShard()
	s.hits.Do(func(n *int) { *n++ })
	fmt.Println(s.hits.Sync(func(n *int) int { return *n }), p.hits.Pending())
}
