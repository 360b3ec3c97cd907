// What waits behind an After waits for the job of the other object.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	var load, show desync.Desync[int]
	x := 0
	f := load.Future(func(*int) int { x++; return 0 })
	show.After(f, func(*int, int, error) int { return 0 })
	show.Do(func(*int) {})
	fmt.Println(x)
}
