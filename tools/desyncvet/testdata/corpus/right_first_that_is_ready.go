// One object of many gets a job, and the loop is left.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func first(ds []*desync.Desync[int]) (v int) {
	for _, d := range ds {
		if d.Pending() == 0 {
			d.Async(func(n *int) { v = *n })
			break
		}
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return v
}

func main() { fmt.Println(first([]*desync.Desync[int]{desync.New(1), desync.New(2)})) }
