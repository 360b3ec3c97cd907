// What waits behind a Suspend waits for the job that resumes.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	var load, show desync.Desync[int]
	x := 0
	resume := show.Suspend()
	load.Async(func(*int) { x++; resume() })
	show.Do(func(*int) {})
	fmt.Println(x)
}
