package desync_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func ExampleDesync_DoContext() {
	orders := desync.New([]string{})
	resume := orders.Suspend() // something takes its time
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := orders.DoContext(ctx, func(ctx context.Context, o *[]string) error {
		*o = append(*o, "never")
		return nil
	})
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.DeadlineExceeded))
	resume()
	fmt.Println(orders.Sync(func(o *[]string) int { return len(*o) }), "orders")
	// Output:
	// true true
	// 0 orders
}

func ExampleDesync_SyncContext() {
	prices := desync.New(map[string]int{"pears": 3})
	price := func(ctx context.Context, item string) (int, error) {
		return prices.SyncContext(ctx, func(_ context.Context, p *map[string]int) (int, error) {
			n, ok := (*p)[item]
			if !ok {
				return 0, fmt.Errorf("no price for %s", item)
			}
			return n, nil
		})
	}
	fmt.Println(price(context.Background(), "pears"))
	fmt.Println(price(context.Background(), "plums"))
	// Output:
	// 3 <nil>
	// 0 no price for plums
}

func ExampleDesync_FutureContext() {
	d := desync.New(7, desync.WithName("prices"))
	resume := d.Suspend()
	ctx, cancel := context.WithCancelCause(context.Background())
	later := d.FutureContext(ctx, func(_ context.Context, n *int) (int, error) { return *n, nil })
	cancel(errors.New("not needed any more"))
	// The future fails at once, though the object is held.
	_, err := later.Await(context.Background())
	fmt.Println(err)
	resume()
	// Output: desync: FutureContext of "prices": the job has not run and will not: not needed any more
}

func ExampleDesync_After() {
	var download futures.Promise[string]
	page := desync.New("")
	length := page.After(download.Future(), func(p *string, body string, err error) int {
		if err == nil {
			*p = body
		}
		return len(*p)
	})
	page.Async(func(p *string) { fmt.Println("the next job sees", *p) }) // waits for its turn
	download.Resolve("hello")
	n, _ := length.Await(context.Background())
	fmt.Println(n)
	page.Do(func(*string) {})
	// Unordered output:
	// 5
	// the next job sees hello
}

func ExampleDesync_Suspend() {
	var log desync.Desync[[]string]
	resume := log.Suspend()
	log.Async(func(l *[]string) { fmt.Println(*l) })
	fmt.Println("nothing runs,", log.Pending(), "are pending")
	resume()
	resume() // does nothing
	log.Do(func(*[]string) {})
	// Output:
	// nothing runs, 2 are pending
	// []
}

func ExampleSync2() {
	ann, bob := desync.New(10), desync.New(0)
	transfer := func(from, to *desync.Desync[int], amount int) bool {
		return desync.Sync2(from, to, func(from, to *int) bool {
			if *from < amount {
				return false
			}
			*from -= amount
			*to += amount
			return true
		})
	}
	// Transfers in opposite directions at the same time cannot deadlock.
	fmt.Println(transfer(ann, bob, 7), transfer(ann, bob, 7), transfer(bob, ann, 2))
	show := func(n *int) int { return *n }
	fmt.Println(ann.Sync(show), bob.Sync(show))
	// Output:
	// true false true
	// 5 5
}

func ExampleDoAll() {
	shards := []*desync.Desync[int]{desync.New(1), desync.New(2), desync.New(3)}
	desync.DoAll(shards, func(ns []*int) {
		sum := 0
		for _, n := range ns {
			sum += *n // all of them at one moment
		}
		fmt.Println(sum)
	})
	// Output: 6
}

func ExampleErrNotRun() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := desync.New(0)
	err := d.DoContext(ctx, func(context.Context, *int) error { return errors.New("from the job") })
	if errors.Is(err, desync.ErrNotRun) {
		fmt.Println("safe to try again:", errors.Is(err, context.Canceled))
	}
	// Output: safe to try again: true
}
