// A job works on parts of its data in goroutines and waits for them.
package main

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(make([]int, 8))
	d.Do(func(list *[]int) {
		var wg sync.WaitGroup
		for i := range *list {
			wg.Go(func() { (*list)[i] = i * i })
		}
		wg.Wait()
	})
	fmt.Println(d.Sync(func(list *[]int) int { return (*list)[7] }))
}
