// A job waits for a group of jobs of other objects, and for one from before.
package main

import (
	"context"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func inc(_ context.Context, n *int) error { *n++; return nil }

func main() {
	d, e := desync.New(0), desync.New(0)
	var before group.Group
	before.Go(d, inc)
	d.Do(func(*int) {
		var g group.Group
		g.Go(e, inc)
		if g.Wait() != nil || before.Wait() != nil {
			panic("failed")
		}
	})
}
