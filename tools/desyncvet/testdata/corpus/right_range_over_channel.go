// The loop ends when the job has closed the channel.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type feed struct{ lines chan string }

func main() {
	d := desync.New([]string{"a", "b"})
	f := feed{make(chan string)}
	count := 0
	d.Async(func(l *[]string) {
		for _, line := range *l {
			count++
			f.lines <- line
		}
		close(f.lines)
	})
	for line := range f.lines {
		fmt.Println(line)
	}
	fmt.Println(count)
}
