// A job calls a getter of the same type, which waits for the object.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type account struct{ d desync.Desync[int] }

func (a *account) Balance() int { return a.d.Sync(func(n *int) int { return *n }) }

func (a *account) Withdraw(n int) error {
	return a.d.Sync(func(balance *int) error {
		if a.Balance() < n {
			return fmt.Errorf("%d is too much", n)
		}
		*balance -= n
		return nil
	})
}

func main() { fmt.Println(new(account).Withdraw(1)) }
