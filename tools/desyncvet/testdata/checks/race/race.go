package race

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
)

func straight(d *desync.Desync[int]) {
	var v int
	d.Async(func(n *int) { v = *n })
	fmt.Println(v) // want `v is read while the job of Async in line 13, which writes it, may be running`
	d.Do(func(*int) {})
	fmt.Println(v)
}

func written(d *desync.Desync[int]) {
	v := 1
	d.Async(func(n *int) { *n += v })
	v = 2 // want `v is written while the job of Async in line 21, which reads it`
	_ = v
}

func future(ctx context.Context, d *desync.Desync[int]) int {
	var v int
	f := d.Future(func(n *int) int { v = *n; return *n })
	if v > 0 { // want `v is read`
		return 1
	}
	_, _ = f.Await(ctx)
	return v
}

func branches(d *desync.Desync[int], now bool) int {
	var v int
	d.Async(func(n *int) { v = *n })
	if now {
		d.Do(func(*int) {})
	}
	return v // want `v is read`
}

func loop(d *desync.Desync[int]) {
	v := 0
	for range 3 {
		fmt.Println(v) // want `v is read`
		d.Async(func(n *int) { v = *n })
	}
}

func deferred(d *desync.Desync[int]) {
	var v int
	defer func() {
		fmt.Println(v) // want `v is read`
	}()
	d.Async(func(n *int) { v = *n })
}

func named(d *desync.Desync[int]) (err error) {
	d.Async(func(n *int) { err = fmt.Errorf("%d", *n) })
	return // want `err is returned while`
}

func namedInOrder(d *desync.Desync[int]) (err error) {
	defer d.Do(func(*int) {})
	d.Async(func(n *int) { err = fmt.Errorf("%d", *n) })
	return
}

func otherObject() int {
	var a, b desync.Desync[int]
	var v int
	a.Async(func(n *int) { v = *n })
	b.Do(func(*int) {})
	return v // want `v is read`
}

func parts(d *desync.Desync[int]) {
	list := make([]int, 2)
	m := map[string]int{}
	d.Async(func(n *int) { list[0] = *n; m["a"] = *n })
	fmt.Println(list[1], len(list))
	fmt.Println(list[0]) // want `list is read`
	fmt.Println(m["b"])  // want `m is read`
}

func loopOfObjects(all []*desync.Desync[int]) (total int) {
	for _, d := range all {
		d.Async(func(n *int) { total += *n }) // want `jobs of several objects, which run at the same time, all write total`
	}
	for _, d := range all {
		d.Do(func(*int) {})
	}
	return total
}

func right(ctx context.Context, d *desync.Desync[int], all []*desync.Desync[int], bg bool, work func()) {
	var v int
	d.Async(func(n *int) { v = *n })
	fmt.Println(d.Sync(func(n *int) int { return v + *n }))

	done := make(chan bool)
	d.Async(func(n *int) { v = *n; close(done) })
	<-done
	fmt.Println(v)

	d.Async(func(n *int) { v = *n })
	work() // may wait for the job
	fmt.Println(v)

	var mu sync.Mutex
	sum := 0
	for _, d := range all {
		d.Async(func(n *int) { mu.Lock(); defer mu.Unlock(); sum += *n })
	}
	mu.Lock()
	fmt.Println(sum)
	mu.Unlock()

	results := make([]int, len(all))
	for i, d := range all {
		d.Async(func(n *int) { results[i] = *n })
	}
	for _, d := range all {
		d.Do(func(*int) {})
	}
	fmt.Println(results)

	if bg {
		d.Async(func(n *int) { v = *n })
	}
	if bg {
		d.Do(func(*int) {})
	}
	fmt.Println(v)

	for i := 0; i < 3; i++ {
		d.Async(func(n *int) { *n += i })
	}
	for range 3 {
		v := 0
		d.Async(func(n *int) { v = *n; fmt.Println(v) })
	}
	for range all { // each job that queues itself has a variable of its own
		var job func(*int)
		job = func(*int) { d.Async(job) }
		d.Async(job)
	}
	for range all {
		last := 1
		fmt.Println(last)
		d.Async(func(n *int) { last = *n })
	}
	d.Do(func(*int) {
		var w int
		d.Async(func(n *int) { w = *n })
		fmt.Println(w) // the job waits for this one
	})
}
