// Jobs of several objects write to one map: fatal error, concurrent map writes.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func collect(ds map[string]*desync.Desync[int]) map[string]int {
	out := map[string]int{}
	for k, d := range ds {
		d.Async(func(n *int) { out[k] = *n })
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return out
}

func main() {
	fmt.Println(collect(map[string]*desync.Desync[int]{"a": desync.New(1), "b": desync.New(2)}))
}
