// A slice of objects grows while they are used.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type pool struct{ workers []desync.Desync[int] }

func (p *pool) Worker(i int) *desync.Desync[int] {
	for len(p.workers) <= i {
		p.workers = append(p.workers, desync.Desync[int]{})
	}
	return &p.workers[i]
}

func main() {
	var p pool
	p.Worker(0).Async(func(n *int) { *n++ })
	p.Worker(9).Async(func(n *int) { *n++ })
	fmt.Println(len(p.workers))
}
