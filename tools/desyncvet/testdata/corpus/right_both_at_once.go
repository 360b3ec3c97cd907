// A transfer takes both objects in one step, in any order.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type account struct{ d desync.Desync[int] }

func transfer(from, to *account, n int) bool {
	return desync.Sync2(&from.d, &to.d, func(a, b *int) bool {
		*a -= n
		*b += n
		return true
	})
}

func main() {
	a, b := new(account), new(account)
	done := make(chan bool)
	go func() { done <- transfer(a, b, 1) }()
	go func() { done <- transfer(b, a, 2) }()
	fmt.Println(<-done, <-done)
}
