// A job awaits a future of a job that is queued behind it.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(1)
	double := d.Future(func(n *int) int {
		next := d.Future(func(n *int) int { return *n + 1 })
		v, _ := next.Await(context.Background())
		return v * 2
	})
	fmt.Println(double.Await(context.Background()))
}
