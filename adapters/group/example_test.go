package group_test

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func ExampleGroup_Go() {
	accounts := []*desync.Desync[int]{desync.New(100), desync.New(20), desync.New(70)}
	g, _ := group.WithContext(context.Background())
	for _, a := range accounts {
		g.Go(a, func(_ context.Context, balance *int) error {
			*balance -= 10
			return nil
		})
	}
	fmt.Println(g.Wait())
	for _, a := range accounts {
		fmt.Println(a.Sync(func(balance *int) int { return *balance }))
	}
	// Output:
	// <nil>
	// 90
	// 10
	// 60
}

// The first error keeps the jobs that have not begun from running.
func ExampleWithContext() {
	store := desync.New([]string{})
	g, ctx := group.WithContext(context.Background())
	for _, key := range []string{"a", "", "b"} {
		g.Go(store, func(_ context.Context, keys *[]string) error {
			if key == "" {
				return errors.New("empty key")
			}
			*keys = append(*keys, key)
			return nil
		})
	}
	fmt.Println(g.Wait())
	fmt.Println(context.Cause(ctx))
	fmt.Println(store.Sync(func(keys *[]string) []string { return *keys }))
	// Output:
	// empty key
	// empty key
	// [a]
}

// The zero Group runs every job.
func ExampleGroup() {
	var g group.Group
	sum := desync.New(0)
	for _, v := range []int{1, -1, 2} {
		g.Go(sum, func(_ context.Context, sum *int) error {
			if v < 0 {
				return fmt.Errorf("%d is negative", v)
			}
			*sum += v
			return nil
		})
	}
	fmt.Println(g.Wait(), sum.Sync(func(sum *int) int { return *sum }))
	// Output: -1 is negative 3
}

// The errgroup waits for jobs on objects and for plain functions.
func ExampleUnder() {
	eg, ctx := errgroup.WithContext(context.Background())
	g := group.Under(ctx, eg)
	log := desync.New([]string{})
	g.Go(log, func(_ context.Context, lines *[]string) error {
		*lines = append(*lines, "started")
		return nil
	})
	eg.Go(func() error {
		g.Go(log, func(_ context.Context, lines *[]string) error {
			*lines = append(*lines, "fetched")
			return nil
		})
		return nil
	})
	fmt.Println(eg.Wait())
	fmt.Println(log.Sync(func(lines *[]string) []string { return *lines }))
	// Output:
	// <nil>
	// [started fetched]
}

// One job runs at a time. The first waits for the object of the second; with this limit,
// that is no deadlock.
func ExampleGroup_SetLimit() {
	a, b := desync.New(0), desync.New(0)
	g, _ := group.WithContext(context.Background())
	g.SetLimit(1)
	g.Go(a, func(ctx context.Context, n *int) error {
		*n++
		return b.DoContext(ctx, func(_ context.Context, m *int) error {
			*m += *n
			return nil
		})
	})
	g.Go(b, func(_ context.Context, m *int) error {
		*m++
		return nil
	})
	fmt.Println(g.Wait(), b.Sync(func(m *int) int { return *m }))
	// Output: <nil> 2
}

func ExampleGroup_Wait() {
	ctx, cancel := context.WithCancel(context.Background())
	d := desync.New(0)
	resume := d.Suspend() // somebody else holds the object
	g, _ := group.WithContext(ctx)
	g.Go(d, func(context.Context, *int) error { return nil })
	cancel()
	err := g.Wait()
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.Canceled))
	resume()
	// Output: true true
}
