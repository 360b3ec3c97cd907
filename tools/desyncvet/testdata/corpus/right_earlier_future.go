// A job awaits a future whose job was queued before it.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	ctx := context.Background()
	d := desync.New(1)
	before := d.Future(func(n *int) int { return *n })
	d.Do(func(n *int) {
		v, err := before.Await(ctx)
		fmt.Println(v+*n, err)
	})
}
