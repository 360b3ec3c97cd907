// The job waits for the function only after its access.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	var d desync.Desync[int]
	x := 0
	open := make(chan struct{})
	d.Async(func(*int) {
		x++
		<-open
	})
	x = 1
	close(open)
	d.Do(func(*int) {})
	fmt.Println(x)
}
