// Jobs of parents wait for their children, always in this direction.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type node struct {
	d        desync.Desync[int]
	children []*node
}

func (n *node) Sum() int {
	return n.d.Sync(func(v *int) int {
		sum := *v
		for _, c := range n.children {
			sum += c.Sum()
		}
		return sum
	})
}

func main() {
	root := &node{children: []*node{new(node), new(node)}}
	fmt.Println(root.Sum())
}
