// resume is handed to a timer, which calls it.
package main

import (
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func pause(d *desync.Desync[int], wait time.Duration) {
	resume := d.Suspend()
	time.AfterFunc(wait, resume)
}

func main() {
	d := desync.New(0)
	pause(d, time.Millisecond)
	d.Do(func(*int) { fmt.Println("after the pause") })
}
