// A loop polls a variable that a job sets.
package main

import (
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(0)
	ready := false
	d.Async(func(n *int) {
		*n = 1
		ready = true
	})
	for !ready {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("ready")
}
