// A job asks whether a later job has run, and does not wait for it.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(0)
	d.Do(func(*int) {
		f := d.Future(func(n *int) int { return *n })
		select {
		case <-f.Done():
			fmt.Println("ran early")
		default:
			fmt.Println("has not run")
		}
	})
}
