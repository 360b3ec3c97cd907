// A job of a group waits for the group.
package main

import (
	"context"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	var g group.Group
	g.SetLimit(2)
	d := desync.New(0)
	g.Go(d, func(context.Context, *int) error { return g.Wait() })
	if err := g.Wait(); err != nil {
		panic(err)
	}
}
