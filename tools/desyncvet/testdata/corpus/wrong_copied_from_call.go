// An object is copied from what a function returns a pointer to: the copy goes on
// alone, with the same data behind it.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type shard struct{ hits desync.Desync[map[string]int] }

var shards = map[string]*shard{"a": {}}

func shardOf(key string) *shard { return shards[key] }

func main() {
	s := *shardOf("a")
	s.hits.Do(func(m *map[string]int) { *m = map[string]int{"a": 1} })
	fmt.Println(shardOf("a").hits.Sync(func(m *map[string]int) int { return (*m)["a"] }))
}
