package pipe_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// Payments in the order of each account.
func ExampleInByKey() {
	type payment struct {
		account string
		amount  int
	}
	accounts := desync.NewMap(func(string) int { return 0 })
	payments := slices.Values([]payment{{"ann", 10}, {"bob", 5}, {"ann", -3}})
	done := pipe.InByKey(context.Background(), accounts, payments, func(p payment) string { return p.account }, 16,
		func(_ context.Context, balance *int, p payment) error {
			*balance += p.amount
			return nil
		})
	report, err := done.Await(context.Background())
	fmt.Println(report.Run, report.Err, err)
	fmt.Println(accounts.At("ann").Sync(func(balance *int) int { return *balance }))
	// Output:
	// 3 <nil> <nil>
	// 7
}

// What has not run when the context ends comes back in order.
func ExampleReport_left() {
	outbox := desync.New(0)
	resume := outbox.Suspend() // it cannot send
	ctx, cancel := context.WithCancel(context.Background())
	letters := make(chan string)
	sent := pipe.In(ctx, outbox, letters, 10, func(_ context.Context, n *int, letter string) error { *n++; return nil })
	letters <- "to ann"
	letters <- "to bob"
	letters <- "to carl"
	cancel()
	report, _ := sent.Await(context.Background())
	fmt.Println(report.Run, report.Left[:2])
	resume()
	// Output: 0 [to ann to bob]
}
