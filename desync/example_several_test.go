package desync_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func ExampleSync3() {
	shop := desync.New(map[string]int{"tea": 3})
	customer, log := desync.New(10), new(desync.Desync[[]string])
	sold := desync.Sync3(shop, customer, log, func(stock *map[string]int, purse *int, log *[]string) bool {
		if (*stock)["tea"] == 0 || *purse < 4 {
			return false
		}
		(*stock)["tea"]--
		*purse -= 4
		*log = append(*log, "tea")
		return true
	})
	fmt.Println(sold, log.Sync(func(log *[]string) int { return len(*log) }))
	// Output: true 1
}

// A transfer that waits for its accounts no longer than the caller does.
func ExampleSync2Context() {
	accounts := desync.NewMap(func(string) int { return 10 }, desync.WithName("accounts"))
	transfer := func(ctx context.Context, from, to string, amount int) (left int, err error) {
		return desync.Sync2Context(ctx, accounts.At(from), accounts.At(to), func(ctx context.Context, from, to *int) (int, error) {
			if *from < amount {
				return *from, errors.New("not enough money")
			}
			*from -= amount
			*to += amount
			return *from, nil
		})
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errors.New("the client has gone"))
	defer cancel()
	fmt.Println(transfer(ctx, "ann", "bob", 7))

	resume := accounts.At("bob").Suspend()
	_, err := transfer(ctx, "ann", "bob", 1)
	fmt.Println(err)
	fmt.Println(errors.Is(err, desync.ErrNotRun), accounts.At("ann").TryDo(func(*int) {}))
	resume()
	// Output:
	// 3 <nil>
	// desync: Sync2Context of "accounts": the job has not run and will not: the client has gone
	// true true
}

func ExampleDoAllContext() {
	shards := []*desync.Desync[int]{desync.New(1), desync.New(2), desync.New(3)}
	total := func(ctx context.Context) (sum int, err error) {
		err = desync.DoAllContext(ctx, shards, func(_ context.Context, ns []*int) error {
			for _, n := range ns {
				sum += *n
			}
			return nil
		})
		return sum, err
	}
	fmt.Println(total(context.Background()))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := total(ctx)
	fmt.Println(errors.Is(err, desync.ErrNotRun))
	// Output:
	// 6 <nil>
	// true
}

func ExampleFuture2() {
	queue, done := desync.New([]string{"a", "b"}), new(desync.Desync[[]string])
	moved := desync.Future2(queue, done, func(queue, done *[]string) int {
		n := len(*queue)
		*done = append(*done, *queue...)
		*queue = nil
		return n
	})
	queue.Async(func(queue *[]string) { *queue = append(*queue, "c") }) // after the move
	fmt.Println(moved.Await(context.Background()))
	fmt.Println(queue.Sync(func(queue *[]string) int { return len(*queue) }))
	// Output:
	// 2 <nil>
	// 1
}

func ExampleFutureAll() {
	shards := []*desync.Desync[int]{desync.New(1), desync.New(2), desync.New(3)}
	sum := desync.FutureAll(shards, func(ns []*int) (sum int) {
		for _, n := range ns {
			sum += *n
		}
		return sum
	})
	shards[0].Do(func(n *int) { *n = 100 }) // after the sum
	fmt.Println(sum.Await(context.Background()))
	// Output: 6 <nil>
}
