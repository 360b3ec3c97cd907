package cond_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/adapters/cond"
	"github.com/go-desync/go-desync/desync"
)

// A mailbox whose readers wait until there is a letter.
func Example() {
	ctx := context.Background()
	mailbox := cond.New(desync.New([]string(nil)))
	notEmpty := func(letters *[]string) bool { return len(*letters) > 0 }
	first := func(_ context.Context, letters *[]string) (string, error) {
		letter := (*letters)[0]
		*letters = (*letters)[1:]
		return letter, nil
	}

	reader := mailbox.When(ctx, notEmpty, first)
	mailbox.Async(func(letters *[]string) { *letters = append(*letters, "hello") })
	fmt.Println(reader.Await(ctx))
	// Output: hello <nil>
}

func ExampleNew() {
	accounts := desync.NewMap(func(string) int { return 0 })
	ann := cond.New(accounts.At("ann"))
	rich := ann.When(context.Background(), func(balance *int) bool { return *balance >= 100 },
		func(_ context.Context, balance *int) (int, error) { return *balance, nil })
	ann.Do(func(balance *int) { *balance = 70 })
	ann.Do(func(balance *int) { *balance += 50 })
	fmt.Println(rich.Await(context.Background()))
	// Output: 120 <nil>
}

func ExampleCond_When() {
	c := cond.New(desync.New(0))
	ctx, cancel := context.WithCancel(context.Background())
	f := c.When(ctx, func(n *int) bool { return *n > 0 }, func(_ context.Context, n *int) (int, error) { return *n, nil })
	cancel()
	_, err := f.Await(context.Background())
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleCond_Async() {
	c := cond.New(desync.New(0))
	f := c.When(context.Background(), func(n *int) bool { return *n == 3 }, func(context.Context, *int) (string, error) { return "three", nil })
	for range 5 {
		c.Async(func(n *int) { *n++ })
	}
	fmt.Println(f.Await(context.Background()))
	// Output: three <nil>
}

func ExampleCond_Do() {
	c := cond.New(desync.New(0))
	done := c.When(context.Background(), func(n *int) bool { return *n > 0 }, func(_ context.Context, n *int) (int, error) { return *n, nil })
	c.Do(func(n *int) { *n = 7 })
	fmt.Println(done.Await(context.Background()))
	// Output: 7 <nil>
}

func ExampleCond_DoContext() {
	c := cond.New(desync.New(0))
	done := c.When(context.Background(), func(n *int) bool { return *n > 0 }, func(_ context.Context, n *int) (int, error) { return *n, nil })
	fmt.Println(c.DoContext(context.Background(), func(_ context.Context, n *int) error { *n = 8; return nil }))
	fmt.Println(done.Await(context.Background()))
	// Output:
	// <nil>
	// 8 <nil>
}

func ExampleCond_Look() {
	d := desync.New(0)
	c := cond.New(d)
	done := c.When(context.Background(), func(n *int) bool { return *n > 0 }, func(_ context.Context, n *int) (int, error) { return *n, nil })
	d.Do(func(n *int) { *n = 9 }) // by code that does not know the Cond
	c.Look()
	fmt.Println(done.Await(context.Background()))
	// Output: 9 <nil>
}

func ExampleCond_Check() {
	d := desync.New(0)
	c := cond.New(d)
	done := c.When(context.Background(), func(n *int) bool { return *n > 0 }, func(_ context.Context, n *int) (int, error) { return *n, nil })
	d.Do(func(n *int) {
		*n = 10
		c.Check(n)
	})
	fmt.Println(done.Await(context.Background()))
	// Output: 10 <nil>
}
