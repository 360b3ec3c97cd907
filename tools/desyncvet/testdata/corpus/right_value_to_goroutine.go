// A goroutine gets a value that the job has read.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(map[string]int{"a": 1})
	sent := make(chan int)
	d.Async(func(m *map[string]int) {
		(*m)["a"]++
		n := (*m)["a"]
		go func() { sent <- n }()
	})
	fmt.Println(<-sent)
}
