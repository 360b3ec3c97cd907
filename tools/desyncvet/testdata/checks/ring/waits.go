package ring

import (
	"iter"

	"github.com/go-desync/go-desync/desync"
)

// A loop over a channel or an iterator waits: the jobs come one after the other.
func inOrder(ch chan int, seq iter.Seq[int], done chan int) {
	var a, b desync.Desync[int]
	a.Async(func(*int) { b.Do(func(*int) {}); close(ch) })
	for range ch {
	}
	b.Async(func(*int) { a.Do(func(*int) {}) })

	var c, d desync.Desync[int]
	c.Async(func(*int) { d.Do(func(*int) {}) })
	for range seq {
	}
	d.Async(func(*int) { c.Do(func(*int) {}) })

	var e, f desync.Desync[int]
	e.Async(func(*int) { f.Do(func(*int) {}); <-done })
	done <- 1
	f.Async(func(*int) { e.Do(func(*int) {}) })
}
