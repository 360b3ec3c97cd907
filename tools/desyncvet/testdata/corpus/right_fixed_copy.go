// The copy of a struct gets a map of its own before it leaves.
package main

import (
	"fmt"
	"maps"

	"github.com/go-desync/go-desync/desync"
)

type state struct {
	count int
	seen  map[string]bool
}

func main() {
	d := desync.New(state{seen: make(map[string]bool)})
	d.Async(func(s *state) {
		s.count++
		s.seen["a"] = true
	})
	snapshot := d.Sync(func(s *state) state {
		c := *s
		c.seen = maps.Clone(s.seen)
		return c
	})
	fmt.Println(snapshot.count, len(snapshot.seen))
}
