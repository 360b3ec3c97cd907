package desync_test

import (
	"fmt"
	"maps"

	"github.com/go-desync/go-desync/desync"
)

// A status page must not wait for the job that it reports on.
func ExampleNewPublished() {
	type Import struct {
		rows, failed int
		line         []byte // and more that is not for the page
	}
	type Status struct{ Rows, Failed int }

	job, status := desync.NewPublished(Import{}, func(i *Import) Status {
		return Status{i.rows, i.failed}
	})
	job.Do(func(i *Import) {
		i.line = fmt.Append(nil, "the last of ", 100)
		i.rows += 100
	})

	slow := make(chan struct{})
	done := job.Future(func(i *Import) error {
		<-slow
		i.failed++
		return nil
	})
	fmt.Println(status.Load()) // at once
	close(slow)
	<-done.Done()
	fmt.Println(status.Load()) // the job of the future has published too
	// Output:
	// {100 0}
	// {100 1}
}

// Large data is published by a pointer. It is never changed, only replaced. Jobs that
// change nothing make no copy, and all readers share one.
func ExamplePublished() {
	type Routes map[string]string
	routes, published := desync.NewPublished(&Routes{}, func(r **Routes) *Routes { return *r })
	set := func(path, server string) {
		routes.Do(func(r **Routes) {
			changed := maps.Clone(**r)
			changed[path] = server
			*r = &changed
		})
	}
	set("/", "a")
	before := published.Load()
	set("/", "b")
	fmt.Println((*before)["/"], (*published.Load())["/"])
	// Output: a b
}

func ExamplePublished_Load() {
	count, published := desync.NewPublished(0, func(n *int) int { return *n })
	count.Do(func(n *int) {
		*n = 5
		fmt.Println(published.Load(), "while the job runs")
	})
	fmt.Println(published.Load(), "when it has ended")
	// Output:
	// 0 while the job runs
	// 5 when it has ended
}
