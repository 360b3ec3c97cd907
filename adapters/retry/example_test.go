package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/desync"
)

// A connection that fails twice.
type conn struct {
	broken int
	sent   []string
}

func (c *conn) send(msg string) error {
	if c.broken > 0 {
		c.broken--
		return errors.New("no connection")
	}
	c.sent = append(c.sent, msg)
	return nil
}

func ExampleDo() {
	c := desync.New(conn{broken: 2})
	policy := retry.Policy{Attempts: 5, Pause: retry.Exponential(time.Microsecond, time.Millisecond)}
	for _, msg := range []string{"one", "two"} {
		fmt.Println(retry.Do(context.Background(), policy, c, func(_ context.Context, c *conn) error { return c.send(msg) }))
	}
	fmt.Println(c.Sync(func(c *conn) []string { return c.sent }))
	// Output:
	// <nil>
	// <nil>
	// [one two]
}

func ExampleFuture() {
	c := desync.New(conn{broken: 2})
	sent := retry.Future(context.Background(), retry.Policy{Attempts: 3}, c, func(_ context.Context, c *conn) (int, error) {
		err := c.send("hello")
		return len(c.sent), err
	})
	fmt.Println(sent.Await(context.Background()))
	// Output: 1 <nil>
}

// With GiveBack others go first during the pause.
func ExamplePolicy() {
	c := desync.New(conn{broken: 1})
	policy := retry.Policy{Pause: retry.Constant(time.Millisecond), GiveBack: true}
	send := func(msg string) func(context.Context, *conn) (int, error) {
		return func(_ context.Context, c *conn) (int, error) { return 0, c.send(msg) }
	}
	resume := c.Suspend()
	one := retry.Future(context.Background(), policy, c, send("one"))
	two := retry.Future(context.Background(), policy, c, send("two"))
	resume()
	one.Await(context.Background())
	two.Await(context.Background())
	fmt.Println(c.Sync(func(c *conn) []string { return c.sent }))
	// Output: [two one]
}

// In a job that was given in another way.
func ExamplePolicy_Run() {
	c := desync.New(conn{broken: 2})
	policy := retry.Policy{Attempts: 3}
	c.Do(func(c *conn) {
		fmt.Println(policy.Run(context.Background(), func(context.Context) error { return c.send("hello") }))
		fmt.Println(c.sent)
	})
	// Output:
	// <nil>
	// [hello]
}

func ExampleConstant() {
	fmt.Println(retry.Constant(time.Second)(7))
	// Output: 1s
}

func ExampleExponential() {
	pause := retry.Exponential(100*time.Millisecond, time.Second)
	for _, n := range []int{1, 2, 3, 10} {
		longest := min(100*time.Millisecond<<(n-1), time.Second)
		fmt.Println(pause(n) <= longest, pause(n) >= longest*3/4)
	}
	// Output:
	// true true
	// true true
	// true true
	// true true
}

func ExamplePermanent() {
	d := desync.New(0)
	err := retry.Do(context.Background(), retry.Policy{Attempts: 10}, d, func(context.Context, *int) error {
		return retry.Permanent(errors.New("no such address"))
	})
	fmt.Println(err)
	// Output: retry: attempt 1 has failed: no such address
}

func ExampleError() {
	d := desync.New(0)
	err := retry.Do(context.Background(), retry.Policy{Attempts: 3}, d, func(context.Context, *int) error { return errors.New("busy") })
	if failed, ok := errors.AsType[*retry.Error](err); ok {
		fmt.Println(failed.Attempts, failed.Err)
	}
	// Output: 3 busy
}
