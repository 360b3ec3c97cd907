package desync_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Many goroutines count words. Goroutines that count different words do not
// wait for each other.
func ExampleMap() {
	counts := desync.NewMap(func(word string) int { return 0 })
	var all sync.WaitGroup
	for _, line := range []string{"to be or", "not to be"} {
		all.Go(func() {
			for _, word := range strings.Fields(line) {
				counts.Async(word, func(n *int) { *n++ })
			}
		})
	}
	all.Wait()
	for _, word := range []string{"to", "be", "or", "not"} {
		fmt.Println(word, counts.Sync(word, func(n *int) int { return *n }))
	}
	// Output:
	// to 2
	// be 2
	// or 1
	// not 1
}

func ExampleNewMap() {
	type account struct {
		owner   string
		balance int
	}
	accounts := desync.NewMap(func(owner string) account {
		return account{owner: owner, balance: 10} // a welcome gift
	}, desync.WithName("accounts"))
	accounts.Async("ann", func(a *account) { a.balance += 5 })
	accounts.Do("ann", func(a *account) { fmt.Println(a.owner, "has", a.balance) })
	// Output: ann has 15
}

func ExampleMap_Async() {
	logs := desync.NewMap(func(file string) []string { return nil })
	logs.Async("a.log", func(lines *[]string) { *lines = append(*lines, "opened") })
	logs.Async("a.log", func(lines *[]string) { *lines = append(*lines, "closed") })
	logs.Do("a.log", func(lines *[]string) { fmt.Println(*lines) })
	// Output: [opened closed]
}

func ExampleMap_Do() {
	stock := desync.NewMap(func(item string) int { return 3 })
	stock.Do("pears", func(n *int) {
		if *n > 0 {
			*n--
		}
	})
	stock.Do("pears", func(n *int) { fmt.Println(*n, "pears") })
	// Output: 2 pears
}

func ExampleMap_Sync() {
	tickets := desync.NewMap(func(counter string) int { return 0 })
	next := func(counter string) int {
		return tickets.Sync(counter, func(last *int) int { *last++; return *last })
	}
	fmt.Println(next("stamps"), next("stamps"), next("parcels"))
	// Output: 1 2 1
}

func ExampleMap_Future() {
	squares := desync.NewMap(func(n int) int { return n * n })
	seven := squares.Future(7, func(s *int) int { return *s })
	eight := squares.Future(8, func(s *int) int { return *s }) // at the same time
	a, _ := seven.Await(context.Background())
	b, _ := eight.Await(context.Background())
	fmt.Println(a, b)
	// Output: 49 64
}

func ExampleMap_DoContext() {
	rooms := desync.NewMap(func(room string) []string { return nil })
	enter := func(ctx context.Context, room, name string) error {
		return rooms.DoContext(ctx, room, func(ctx context.Context, in *[]string) error {
			if slices.Contains(*in, name) {
				return errors.New("is in already")
			}
			*in = append(*in, name)
			return nil
		})
	}
	fmt.Println(enter(context.Background(), "lobby", "ann"))
	fmt.Println(enter(context.Background(), "lobby", "ann"))
	// Output:
	// <nil>
	// is in already
}

func ExampleMap_SyncContext() {
	pages := desync.NewMap(func(url string) string { return "the page " + url })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	page, err := pages.SyncContext(ctx, "/index", func(_ context.Context, p *string) (string, error) {
		return *p, nil
	})
	fmt.Println(page, err)
	// Output: the page /index <nil>
}

func ExampleMap_FutureContext() {
	ctx, cancel := context.WithCancel(context.Background())
	files := desync.NewMap(func(name string) []byte { return []byte(name) })
	files.Async("a", func(*[]byte) { cancel() })
	later := files.FutureContext(ctx, "a", func(_ context.Context, f *[]byte) (int, error) {
		return len(*f), nil
	})
	_, err := later.Await(context.Background())
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleMap_Delete() {
	carts := desync.NewMap(func(user string) []string { return nil })
	carts.Async("ann", func(c *[]string) { *c = append(*c, "pears") })
	carts.Do("ann", func(c *[]string) { fmt.Println("sold:", *c) })
	carts.Delete("ann")
	carts.Do("ann", func(c *[]string) { fmt.Println("new cart:", *c) })
	// Output:
	// sold: [pears]
	// new cart: []
}

func ExampleMap_EvictIdle() {
	sessions := desync.NewMap(func(user string) int { return 0 })
	gone := make(chan string)
	sessions.EvictIdle(time.Millisecond, func(user string, clicks *int) {
		gone <- fmt.Sprint(user, " has clicked ", *clicks, " times")
	})
	sessions.Do("ann", func(clicks *int) { *clicks = 3 })
	fmt.Println(<-gone)
	// Output: ann has clicked 3 times
}

func ExampleMap_Range() {
	stock := desync.NewMap(func(item string) int { return 0 })
	stock.Do("apples", func(n *int) { *n = 2 })
	stock.Do("pears", func(n *int) { *n = 3 })
	found := make(map[string]int)
	stock.Range(func(item string, n *int) bool {
		found[item] = *n
		return true
	})
	for _, item := range slices.Sorted(maps.Keys(found)) {
		fmt.Println(item, found[item])
	}
	// Output:
	// apples 2
	// pears 3
}

func ExampleMap_Wait() {
	counts := desync.NewMap(func(user string) int { return 0 })
	for i := range 10 {
		counts.Async(fmt.Sprint("user ", i%3), func(n *int) { *n++ })
	}
	// The end of the program: let the jobs end, but not forever.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(counts.Wait(ctx))
	// Output: <nil>
}

func ExampleMap_Len() {
	users := desync.NewMap(func(name string) int { return 0 })
	users.Do("ann", func(*int) {})
	users.Do("bob", func(*int) {})
	fmt.Println(users.Len())
	// Output: 2
}
