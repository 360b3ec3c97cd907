// Command program uses objects in the way that is hardest on the hand-over between
// callers and drainers. It is not built by go test, so it takes the ways that the core
// takes in programs only.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

const (
	users  = 4
	rounds = 5_000
)

type data struct {
	busy bool
	next [users]int // by user: the number of its next job
	bad  string
}

func main() {
	if testing.Testing() {
		fail("this was built by go test")
	}
	var all sync.WaitGroup
	objects := make([]desync.Desync[data], 3)
	for user := range users {
		all.Go(func() { use(objects, user) })
	}
	all.Wait()
	for i := range objects {
		objects[i].Do(func(d *data) {
			for user, n := range d.next {
				if d.bad == "" && n != jobs {
					d.bad = fmt.Sprintf("%d jobs of user %d have run, want %d", n, user, jobs)
				}
			}
			if d.bad != "" {
				fail(d.bad)
			}
		})
	}
	fmt.Println("ok")
}

// jobs is how many each user hands over to each object.
const jobs = 6 * rounds

func use(objects []desync.Desync[data], user int) {
	numbers := make([]int, len(objects))
	for round := range rounds {
		for i := range objects {
			o := &objects[i]
			job := func() func(*data) {
				n := numbers[i]
				numbers[i]++
				return func(d *data) { d.run(user, n) }
			}
			// An Async that a Do overtakes, again and again.
			o.Async(job())
			o.Do(job())
			o.Async(job())
			o.Async(job())
			if round%3 == user%3 {
				runtime.Gosched()
			}
			last := job()
			f := o.Future(func(d *data) int { last(d); return round })
			if got, err := f.Await(context.Background()); got != round || err != nil {
				fail(fmt.Sprintf("Await: %v, %v; want %d", got, err, round))
			}
			o.Async(job())
		}
	}
}

func (d *data) run(user, n int) {
	if d.busy && d.bad == "" {
		d.bad = "two jobs overlap"
	}
	d.busy = true
	if d.next[user] != n && d.bad == "" {
		d.bad = fmt.Sprintf("job %d of user %d ran when %d was its next", n, user, d.next[user])
	}
	d.next[user]++
	d.busy = false
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
