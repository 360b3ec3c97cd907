// A balance is shown although the context may have ended first.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func show(ctx context.Context, d *desync.Desync[int]) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	balance, _ := d.SyncContext(ctx, func(_ context.Context, n *int) (int, error) { return *n, nil })
	fmt.Println("balance", balance)
}

func main() { show(context.Background(), desync.New(1)) }
