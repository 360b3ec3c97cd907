// A function that is kept in a variable calls itself, in jobs that are waited for.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	objects := []*desync.Desync[int]{desync.New(1), desync.New(2)}
	sum := 0
	var walk func(i int)
	walk = func(i int) {
		if i == len(objects) {
			return
		}
		objects[i].Do(func(n *int) {
			sum += *n
			walk(i + 1)
		})
	}
	walk(0)
	fmt.Println("done", sum)
}
