// A job waits for a group with a job of the same object.
package main

import (
	"context"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(0)
	d.Do(func(*int) {
		var g group.Group
		g.Go(d, func(_ context.Context, n *int) error { *n++; return nil })
		if err := g.Wait(); err != nil {
			panic(err)
		}
	})
}
