// The result of a background job is read at once.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(41)
	var answer int
	d.Async(func(n *int) {
		*n++
		answer = *n
	})
	fmt.Println("the answer is", answer)
}
