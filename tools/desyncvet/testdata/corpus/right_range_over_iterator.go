// The iterator yields what the job has sent.
package main

import (
	"fmt"
	"iter"

	"github.com/go-desync/go-desync/desync"
)

func all(ch chan int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for v := range ch {
			if !yield(v) {
				return
			}
		}
	}
}

func main() {
	d := desync.New(3)
	ch := make(chan int)
	seq := all(ch)
	count := 0
	d.Async(func(n *int) {
		defer close(ch)
		for i := range *n {
			count++
			ch <- i
		}
	})
	for v := range seq {
		fmt.Println(v)
	}
	fmt.Println(count)
}
