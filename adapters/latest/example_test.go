package latest_test

import (
	"fmt"

	"github.com/go-desync/go-desync/adapters/latest"
	"github.com/go-desync/go-desync/desync"
)

// A slow screen shows the latest price, and skips those in between.
func ExampleOn() {
	screen := desync.New([]string(nil))
	price := latest.On(screen, func(shown *[]string, cents int) { *shown = append(*shown, fmt.Sprint(cents, " cents")) })
	resume := screen.Suspend() // it is busy
	for _, cents := range []int{120, 125, 119} {
		price.Set(cents)
	}
	resume()
	fmt.Println(screen.Sync(func(shown *[]string) []string { return *shown }))
	// Output: [119 cents]
}

func ExampleByKey() {
	files := desync.NewMap(func(name string) string { return "" })
	save := latest.ByKey(files, func(content *string, text string) { *content = text })
	save.Set("notes", "draft")
	save.Set("notes", "final")
	save.Set("todo", "nothing")
	fmt.Println(files.At("notes").Sync(func(content *string) string { return *content }))
	fmt.Println(files.At("todo").Sync(func(content *string) string { return *content }))
	// Output:
	// final
	// nothing
}

func ExampleValue_Set() {
	d := desync.New(0)
	l := latest.On(d, func(n *int, v int) { *n = v })
	resume := d.Suspend()
	fmt.Println(l.Set(1), l.Set(2))
	resume()
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output:
	// false true
	// 2
}

func ExampleValues_Set() {
	m := desync.NewMap(func(string) int { return 0 })
	l := latest.ByKey(m, func(n *int, v int) { *n = v })
	resume := m.At("a").Suspend()
	fmt.Println(l.Set("a", 1), l.Set("a", 2), l.Set("b", 3))
	resume()
	fmt.Println(m.At("a").Sync(func(n *int) int { return *n }))
	// Output:
	// false true false
	// 2
}
