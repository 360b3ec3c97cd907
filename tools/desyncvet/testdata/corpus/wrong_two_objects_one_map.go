// Jobs of two objects write to one map at the same time.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type site struct {
	users desync.Desync[int]
	posts desync.Desync[int]
}

func (s *site) count() map[string]int {
	counts := make(map[string]int)
	s.users.Async(func(n *int) { counts["users"] = *n })
	s.posts.Async(func(n *int) { counts["posts"] = *n })
	s.users.Do(func(*int) {})
	s.posts.Do(func(*int) {})
	return counts
}

func main() { fmt.Println(new(site).count()) }
