// The call gives up: it is no wait for the caller, who holds the object.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func busy(ctx context.Context, d *desync.Desync[int]) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	return d.DoContext(ctx, func(context.Context, *int) error { return nil }) != nil
}

func main() {
	d := desync.New(0)
	resume := d.Suspend()
	fmt.Println(busy(context.Background(), d))
	resume()
}
