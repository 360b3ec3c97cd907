// A job queues its own successor, which does not wait.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type ticker struct {
	d    desync.Desync[int]
	done chan struct{}
}

func (t *ticker) step(n *int) {
	if *n++; *n == 3 {
		close(t.done)
		return
	}
	t.d.Async(t.step)
}

func main() {
	t := &ticker{done: make(chan struct{})}
	t.d.Async(t.step)
	<-t.done
	fmt.Println("done")
}
