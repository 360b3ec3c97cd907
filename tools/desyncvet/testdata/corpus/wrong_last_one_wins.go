// Jobs of several objects overwrite one variable.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func last(ds []*desync.Desync[int]) (v int) {
	for _, d := range ds {
		d.Async(func(n *int) { v = *n })
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return v
}

func main() { fmt.Println(last([]*desync.Desync[int]{desync.New(1), desync.New(2)})) }
