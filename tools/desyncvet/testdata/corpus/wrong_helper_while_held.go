// The helper waits without end for what its caller holds.
package main

import (
	"context"

	"github.com/go-desync/go-desync/desync"
)

func add(d *desync.Desync[int]) error {
	return d.DoContext(context.Background(), func(_ context.Context, n *int) error { *n++; return nil })
}

func main() {
	d := desync.New(0)
	resume := d.Suspend()
	if err := add(d); err != nil {
		panic(err)
	}
	resume()
}
