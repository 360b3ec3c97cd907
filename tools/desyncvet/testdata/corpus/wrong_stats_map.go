// A snapshot of statistics shares the map with the object.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type stats struct {
	total int
	by    map[string]int
}

type counter struct{ d *desync.Desync[stats] }

func (c counter) Count(key string) {
	c.d.Async(func(s *stats) {
		s.total++
		s.by[key]++
	})
}

func (c counter) Snapshot() stats {
	return c.d.Sync(func(s *stats) stats { return *s })
}

func main() {
	c := counter{desync.New(stats{by: make(map[string]int)})}
	c.Count("a")
	fmt.Println(len(c.Snapshot().by))
}
