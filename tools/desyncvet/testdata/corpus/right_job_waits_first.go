// Jobs that wait for what the function does after its own access.
package main

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	var d, other desync.Desync[int]
	x := 0

	open := make(chan struct{})
	d.Async(func(*int) {
		<-open
		x++
	})
	x = 1
	close(open)
	d.Do(func(*int) {})

	var mu sync.Mutex
	mu.Lock()
	d.Async(func(*int) {
		mu.Lock()
		defer mu.Unlock()
		x++
	})
	x = 2
	mu.Unlock()
	d.Do(func(*int) {})

	var wg sync.WaitGroup
	wg.Add(1)
	d.Async(func(*int) {
		wg.Wait()
		x++
	})
	x = 3
	wg.Done()
	d.Do(func(*int) {})

	resumeOther := other.Suspend()
	d.Async(func(*int) {
		other.Do(func(*int) {})
		x++
	})
	x = 4
	resumeOther()
	d.Do(func(*int) {})

	resume := d.Suspend()
	d.Async(func(*int) { x++ })
	x = 5
	resume()
	d.Do(func(*int) {})
	fmt.Println(x)
}
