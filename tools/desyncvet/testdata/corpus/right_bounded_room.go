// The second call waits for the room that the first job has.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	ctx := context.Background()
	b := bounded.New(1)
	d, e := desync.New(1), desync.New(2)
	sum := 0
	if b.Async(ctx, d, 1, func(n *int) { sum += *n }) != nil || b.Async(ctx, e, 1, func(*int) {}) != nil {
		return
	}
	fmt.Println(sum)
}
