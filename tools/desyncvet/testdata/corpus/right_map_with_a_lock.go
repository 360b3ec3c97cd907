// Jobs of several objects write to one map, each while it has the lock.
package main

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
)

func collect(ds map[string]*desync.Desync[int]) map[string]int {
	var mu sync.Mutex
	out := map[string]int{}
	for k, d := range ds {
		d.Async(func(n *int) {
			mu.Lock()
			defer mu.Unlock()
			out[k] = *n
		})
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return out
}

func main() {
	fmt.Println(collect(map[string]*desync.Desync[int]{"a": desync.New(1), "b": desync.New(2)}))
}
