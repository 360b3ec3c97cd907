package desync_test

import (
	"context"
	"errors"
	"fmt"
	"log"
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
				counts.At(word).Async(func(n *int) { *n++ })
			}
		})
	}
	all.Wait()
	for _, word := range []string{"to", "be", "or", "not"} {
		fmt.Println(word, counts.At(word).Sync(func(n *int) int { return *n }))
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
	accounts.At("ann").Async(func(a *account) { a.balance += 5 })
	accounts.At("ann").Do(func(a *account) { fmt.Println(a.owner, "has", a.balance) })
	// Output: ann has 15
}

func ExampleKey_Async() {
	logs := desync.NewMap(func(file string) []string { return nil })
	logs.At("a.log").Async(func(lines *[]string) { *lines = append(*lines, "opened") })
	logs.At("a.log").Async(func(lines *[]string) { *lines = append(*lines, "closed") })
	logs.At("a.log").Do(func(lines *[]string) { fmt.Println(*lines) })
	// Output: [opened closed]
}

func ExampleKey_Do() {
	stock := desync.NewMap(func(item string) int { return 3 })
	stock.At("pears").Do(func(n *int) {
		if *n > 0 {
			*n--
		}
	})
	stock.At("pears").Do(func(n *int) { fmt.Println(*n, "pears") })
	// Output: 2 pears
}

func ExampleKey_Sync() {
	tickets := desync.NewMap(func(counter string) int { return 0 })
	next := func(counter string) int {
		return tickets.At(counter).Sync(func(last *int) int { *last++; return *last })
	}
	fmt.Println(next("stamps"), next("stamps"), next("parcels"))
	// Output: 1 2 1
}

func ExampleKey_Future() {
	squares := desync.NewMap(func(n int) int { return n * n })
	seven := squares.At(7).Future(func(s *int) int { return *s })
	eight := squares.At(8).Future(func(s *int) int { return *s }) // at the same time
	a, _ := seven.Await(context.Background())
	b, _ := eight.Await(context.Background())
	fmt.Println(a, b)
	// Output: 49 64
}

func ExampleKey_DoContext() {
	rooms := desync.NewMap(func(room string) []string { return nil })
	enter := func(ctx context.Context, room, name string) error {
		return rooms.At(room).DoContext(ctx, func(ctx context.Context, in *[]string) error {
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

func ExampleKey_SyncContext() {
	pages := desync.NewMap(func(url string) string { return "the page " + url })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	page, err := pages.At("/index").SyncContext(ctx, func(_ context.Context, p *string) (string, error) {
		return *p, nil
	})
	fmt.Println(page, err)
	// Output: the page /index <nil>
}

func ExampleKey_FutureContext() {
	ctx, cancel := context.WithCancel(context.Background())
	files := desync.NewMap(func(name string) []byte { return []byte(name) })
	files.At("a").Async(func(*[]byte) { cancel() })
	later := files.At("a").FutureContext(ctx, func(_ context.Context, f *[]byte) (int, error) {
		return len(*f), nil
	})
	_, err := later.Await(context.Background())
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.Canceled))
	// Output: true true
}

func ExampleMap_Delete() {
	carts := desync.NewMap(func(user string) []string { return nil })
	carts.At("ann").Async(func(c *[]string) { *c = append(*c, "pears") })
	carts.At("ann").Do(func(c *[]string) { fmt.Println("sold:", *c) })
	carts.Delete("ann")
	carts.At("ann").Do(func(c *[]string) { fmt.Println("new cart:", *c) })
	// Output:
	// sold: [pears]
	// new cart: []
}

func ExampleMap_EvictIdle() {
	sessions := desync.NewMap(func(user string) int { return 0 })
	gone := make(chan string)
	sessions.OnRemove(func(user string, clicks *int) error {
		gone <- fmt.Sprint(user, " has clicked ", *clicks, " times")
		return nil
	}, func(user string, err error) { log.Print(user, ": ", err) })
	sessions.EvictIdle(time.Millisecond)
	sessions.At("ann").Do(func(clicks *int) { *clicks = 3 })
	fmt.Println(<-gone)
	// Output: ann has clicked 3 times
}

// A cart is saved before it goes. If it cannot be saved it stays, and is tried again.
func ExampleMap_OnRemove() {
	carts := desync.NewMap(func(user string) []string { return nil })
	failed := make(chan error)
	carts.OnRemove(func(user string, cart *[]string) error {
		return errors.New("the disk is full")
	}, func(user string, err error) {
		failed <- fmt.Errorf("saving the cart of %s: %w", user, err)
	})
	carts.At("ann").Do(func(cart *[]string) { *cart = append(*cart, "pears") })
	carts.Delete("ann")
	fmt.Println(<-failed)
	carts.At("ann").Do(func(cart *[]string) { fmt.Println("still there:", *cart) })
	// Output:
	// saving the cart of ann: the disk is full
	// still there: [pears]
}

func ExampleMap_Range() {
	stock := desync.NewMap(func(item string) int { return 0 })
	stock.At("apples").Do(func(n *int) { *n = 2 })
	stock.At("pears").Do(func(n *int) { *n = 3 })
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
		counts.At(fmt.Sprint("user ", i%3)).Async(func(n *int) { *n++ })
	}
	// The end of the program: let the jobs end, but not forever.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(counts.Wait(ctx))
	// Output: <nil>
}

func ExampleMap_Len() {
	users := desync.NewMap(func(name string) int { return 0 })
	users.At("ann").Do(func(*int) {})
	users.At("bob").Do(func(*int) {})
	fmt.Println(users.Len())
	// Output: 2
}
