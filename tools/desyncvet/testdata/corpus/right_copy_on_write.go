// A routing table is only ever replaced as a whole, so it may be read outside.
package main

import (
	"fmt"
	"maps"

	"github.com/go-desync/go-desync/desync"
)

type table struct {
	routes desync.Desync[map[string]string]
}

func (t *table) Set(key, value string) {
	t.routes.Do(func(routes *map[string]string) {
		next := maps.Clone(*routes)
		if next == nil {
			next = make(map[string]string)
		}
		next[key] = value
		*routes = next
	})
}

func (t *table) Routes() map[string]string {
	return t.routes.Sync(func(routes *map[string]string) map[string]string { return *routes })
}

func main() {
	var t table
	t.Set("a", "b")
	fmt.Println(t.Routes()["a"])
}
