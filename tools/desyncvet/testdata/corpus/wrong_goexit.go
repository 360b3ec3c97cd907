// A worker ends its goroutine to skip the rest of the job.
package main

import (
	"fmt"
	"runtime"

	"github.com/go-desync/go-desync/desync"
)

func check(n int) {
	if n < 0 {
		runtime.Goexit()
	}
}

func main() {
	d := desync.New(-1)
	d.Async(func(n *int) {
		check(*n)
		*n = 1
	})
	d.Do(func(n *int) { fmt.Println(*n) })
}
