// The result of a job with a bound is read at once.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	b := bounded.New(8)
	d := desync.New(1)
	sum := 0
	if err := b.Async(context.Background(), d, 1, func(n *int) { sum += *n }); err != nil {
		panic(err)
	}
	fmt.Println(sum)
}
