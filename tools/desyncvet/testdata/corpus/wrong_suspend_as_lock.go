// Suspend is taken for a lock of the caller.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(0)
	resume := d.Suspend()
	defer resume()
	d.Do(func(n *int) { *n = 1 })
	fmt.Println("done")
}
