// The jobs of a group run at the same time, and all add to one variable.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func sum(ds []*desync.Desync[int]) (total int, err error) {
	var g group.Group
	for _, d := range ds {
		g.Go(d, func(_ context.Context, n *int) error { total += *n; return nil })
	}
	err = g.Wait()
	return total, err
}

func main() { fmt.Println(sum([]*desync.Desync[int]{desync.New(1), desync.New(2)})) }
