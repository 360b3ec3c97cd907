// A Sync puts the read behind the job that writes.
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
	d.Do(func(*int) {})
	fmt.Println("the answer is", answer)
}
