// One goroutine nests two objects in both orders, one after the other.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	a, b := desync.New(1), desync.New(2)
	a.Do(func(x *int) { b.Do(func(y *int) { *y += *x }) })
	b.Do(func(y *int) { a.Do(func(x *int) { *x += *y }) })
	fmt.Println(a.Sync(func(x *int) int { return *x }))
}
