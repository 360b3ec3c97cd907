// A channel says that the job has written.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(1)
	var v int
	done := make(chan struct{})
	d.Async(func(n *int) {
		defer close(done)
		v = *n
	})
	<-done
	fmt.Println(v)
}
