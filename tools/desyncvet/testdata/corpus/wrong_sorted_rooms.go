// Structs with an object inside are sorted.
package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

type room struct {
	name string
	log  desync.Desync[[]string]
}

func main() {
	rooms := make([]room, 3)
	for i := range rooms {
		rooms[i].name = fmt.Sprint(3 - i)
		rooms[i].log.Async(func(l *[]string) { *l = append(*l, "open") })
	}
	slices.SortFunc(rooms, func(a, b room) int { return cmp.Compare(a.name, b.name) })
	fmt.Println(rooms[0].name)
}
