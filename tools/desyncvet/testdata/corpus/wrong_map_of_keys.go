// Jobs of several keys write to one map: fatal error, concurrent map writes.
package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func collect(accounts *desync.Map[string, int], names []string) map[string]int {
	balances := map[string]int{}
	for _, name := range names {
		accounts.At(name).Async(func(n *int) { balances[name] = *n })
	}
	accounts.Wait(context.Background())
	return balances
}

func main() {
	accounts := desync.NewMap(func(name string) int { return len(name) })
	fmt.Println(collect(accounts, []string{"ann", "bob"}))
}
