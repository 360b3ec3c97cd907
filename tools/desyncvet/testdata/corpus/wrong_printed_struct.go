// Printing a struct reads the object in it, its lock and its data.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type account struct {
	Name    string
	balance desync.Desync[int]
}

func main() {
	a := &account{Name: "ann"}
	a.balance.Async(func(n *int) { *n += 10 })
	fmt.Printf("opened %+v\n", a)
}
