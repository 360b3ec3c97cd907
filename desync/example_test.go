package desync_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

func Example() {
	lines := desync.New([]string{"first"})
	lines.Async(func(l *[]string) { *l = append(*l, "second") })
	lines.Async(func(l *[]string) { *l = append(*l, "third") })
	fmt.Println(lines.Sync(func(l *[]string) int { return len(*l) }))
	// Output: 3
}

// An account keeps its balance in an object; its methods need no lock.
func ExampleDesync() {
	type account struct {
		desync.Desync[int] // the zero value owns 0
	}
	var a account
	a.Async(func(balance *int) { *balance += 100 })
	a.Async(func(balance *int) { *balance -= 30 })
	fmt.Println(a.Sync(func(balance *int) int { return *balance }))
	// Output: 70
}

func ExampleNew() {
	visits := desync.New(make(map[string]int), desync.WithName("visits"))
	visits.Async(func(v *map[string]int) { (*v)["/index"]++ })
	fmt.Println(visits.Sync(func(v *map[string]int) int { return (*v)["/index"] }))
	// Output: 1
}

func ExampleDesync_Async() {
	var log desync.Desync[[]string]
	for _, event := range []string{"opened", "changed", "closed"} {
		log.Async(func(l *[]string) { *l = append(*l, event) }) // returns at once
	}
	log.Do(func(l *[]string) { fmt.Println(*l) })
	// Output: [opened changed closed]
}

func ExampleDesync_Do() {
	stock := desync.New(map[string]int{"apple": 2})
	stock.Async(func(s *map[string]int) { (*s)["pear"] = 3 })
	stock.Do(func(s *map[string]int) {
		fmt.Println(len(*s), "kinds") // sees the pears
	})
	// Output: 2 kinds
}

func ExampleDesync_Sync() {
	tickets := desync.New(0)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			tickets.Sync(func(last *int) int { *last++; return *last })
		})
	}
	all.Wait()
	fmt.Println(tickets.Sync(func(last *int) int { return *last }), "tickets")
	// Output: 10 tickets
}

func ExampleDesync_TryDo() {
	cache := desync.New("")
	cache.Do(func(*string) {
		// The object is busy with this very job.
		fmt.Println(cache.TryDo(func(*string) {}))
	})
	fmt.Println(cache.TryDo(func(s *string) { *s = "refreshed" }))
	// Output:
	// false
	// true
}

func ExampleDesync_TrySync() {
	status := desync.New("starting")
	if s, ok := status.TrySync(func(s *string) string { return *s }); ok {
		fmt.Println(s)
	}
	// Output: starting
}

func ExampleDesync_Future() {
	words := desync.New([]string{"to", "be", "or", "not", "to", "be"})
	distinct := words.Future(func(w *[]string) int {
		seen := make(map[string]bool)
		for _, word := range *w {
			seen[word] = true
		}
		return len(seen)
	})
	// Whatever there is to do meanwhile.
	n, err := distinct.Await(context.Background())
	fmt.Println(n, err)
	// Output: 4 <nil>
}

func ExampleDesync_Pending() {
	d := desync.New(0)
	open := make(chan struct{})
	d.Async(func(*int) { <-open })
	d.Async(func(*int) {})
	fmt.Println(d.Pending())
	close(open)
	d.Do(func(*int) {})
	fmt.Println(d.Pending())
	// Output:
	// 2
	// 0
}

func ExampleWithName() {
	accounts := desync.New(map[string]int{}, desync.WithName("accounts"))
	// With the race detector or the tag desyncdebug this call would panic, with
	// "accounts" as the name of the object in the message:
	//
	//	accounts.Do(func(*map[string]int) { accounts.Do(func(*map[string]int) {}) })
	accounts.Do(func(a *map[string]int) { (*a)["ann"] = 1 })
	// Output:
}

func ExampleWithPanicHandler() {
	told := make(chan error)
	d := desync.New([]int{1, 2, 3}, desync.WithPanicHandler(func(p *desync.PanicError) {
		told <- fmt.Errorf("a job panicked: %v", p.Value)
	}))
	d.Async(func(s *[]int) { panic("no more room") })
	fmt.Println(<-told)
	fmt.Println(d.Sync(func(s *[]int) int { return len(*s) }), "elements, and the object goes on")
	// Output:
	// a job panicked: no more room
	// 3 elements, and the object goes on
}

func ExampleOption() {
	opts := []desync.Option{desync.WithName("queue")}
	d := desync.New(0, opts...)
	fmt.Println(d.Pending())
	// Output: 0
}

func ExamplePanicError() {
	d := desync.New(0)
	_, err := d.Future(func(n *int) int { return 1 / *n }).Await(context.Background())
	if p, ok := errors.AsType[*desync.PanicError](err); ok {
		fmt.Println(p.Value)
	}
	// Output: runtime error: integer divide by zero
}

func ExampleDeadlockError() {
	err := error(&desync.DeadlockError{Ring: []waits.Wait{{Object: `"accounts"`, Call: "bank.go:42"}}})
	if d, ok := errors.AsType[*desync.DeadlockError](err); ok {
		for _, w := range d.Ring {
			fmt.Println("waits for", w.Object, "at", w.Call)
		}
	}
	fmt.Println(err)
	// Output:
	// waits for "accounts" at bank.go:42
	// desync: deadlock: a job waits for its own object
	// 	for "accounts", at bank.go:42
	// 	instead of waiting inside a job, queue the inner job with Async, or take all the objects at once with Sync2 or DoAll
}
