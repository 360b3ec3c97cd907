package desync_test

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A key may be kept. It is the map and the key, and so is valid however often the value
// comes and goes.
func ExampleKey() {
	balances := desync.NewMap(func(owner string) int { return 100 })
	ann := balances.At("ann")
	ann.Async(func(n *int) { *n -= 30 })
	fmt.Println(ann.Sync(func(n *int) int { return *n }))
	balances.Delete("ann")
	fmt.Println(ann.Sync(func(n *int) int { return *n }))
	// Output:
	// 70
	// 100
}

func ExampleMap_At() {
	visits := desync.NewMap(func(page string) int { return 0 })
	visits.At("/index").Do(func(n *int) { *n++ })
	fmt.Println(visits.At("/index").Sync(func(n *int) int { return *n }))
	// Output: 1
}

// count takes a plain object or a key.
func count[O desync.Object[int]](counter O) int {
	return desync.Sync1(counter, func(n *int) int { *n++; return *n })
}

func ExampleObject() {
	total := desync.New(10)
	perUser := desync.NewMap(func(user string) int { return 0 })
	fmt.Println(count(total), count(perUser.At("ann")))
	desync.DoAll([]desync.Object[int]{total, perUser.At("ann"), perUser.At("bob")}, func(ns []*int) {
		fmt.Println(*ns[0], *ns[1], *ns[2])
	})
	// Output:
	// 11 1
	// 11 1 0
}

func ExampleSync1() {
	d, m := desync.New("a"), desync.NewMap(func(n int) string { return fmt.Sprint(n) })
	for _, o := range []desync.Object[string]{d, m.At(7)} {
		fmt.Println(desync.Sync1(o, func(s *string) int { return len(*s) }))
	}
	// Output:
	// 1
	// 1
}

// Accounts by their owners.
func ExampleSync2_keys() {
	accounts := desync.NewMap(func(owner string) int { return 10 })
	moved := desync.Sync2(accounts.At("ann"), accounts.At("bob"), func(ann, bob *int) int {
		*ann -= 7
		*bob += 7
		return 7
	})
	fmt.Println(moved, accounts.At("ann").Sync(func(n *int) int { return *n }))
	// Output: 7 3
}

func ExampleKey_TryDo() {
	reports := desync.NewMap(func(day string) int { return 0 })
	resume := reports.At("monday").Suspend()
	fmt.Println(reports.At("monday").TryDo(func(*int) {}))
	resume()
	fmt.Println(reports.At("monday").TryDo(func(*int) {}))
	// Output:
	// false
	// true
}

func ExampleKey_TrySync() {
	stock := desync.NewMap(func(item string) int { return 3 })
	fmt.Println(stock.At("nails").TrySync(func(n *int) int { return *n }))
	// Output: 3 true
}

func ExampleKey_After() {
	pages := desync.NewMap(func(url string) string { return "" })
	loaded := futures.Resolved("hello")
	length := pages.At("/").After(loaded, func(page *string, text string, err error) int {
		*page = text
		return len(*page)
	})
	fmt.Println(length.Await(context.Background()))
	// Output: 5 <nil>
}

func ExampleKey_Suspend() {
	rooms := desync.NewMap(func(room string) []string { return nil })
	resume := rooms.At("hall").Suspend()
	rooms.At("hall").Async(func(*[]string) { fmt.Println("the hall is open") })
	fmt.Println(rooms.At("hall").Pending())
	resume()
	rooms.At("hall").Do(func(*[]string) {})
	// Output:
	// 2
	// the hall is open
}

func ExampleKey_Pending() {
	rooms := desync.NewMap(func(room string) []string { return nil })
	fmt.Println(rooms.At("hall").Pending(), rooms.Len())
	// Output: 0 0
}

func ExampleKey_String() {
	rooms := desync.NewMap(func(room string) []string { return nil }, desync.WithName("rooms"))
	fmt.Println(rooms.At("hall"))
	// Output: "rooms", key "hall": idle
}

func ExampleKey_LogValue() {
	rooms := desync.NewMap(func(room string) []string { return nil }, desync.WithName("rooms"))
	fmt.Println(rooms.At("hall").LogValue())
	// Output: [object="rooms", key "hall" state=idle pending=0]
}
