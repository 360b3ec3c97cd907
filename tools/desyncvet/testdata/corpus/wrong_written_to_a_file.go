// Writing a file waits for no job.
package main

import (
	"fmt"
	"os"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	d := desync.New(1)
	sum := 0
	d.Async(func(n *int) { sum += *n })
	if err := os.WriteFile(os.DevNull, []byte("sum\n"), 0o666); err != nil {
		panic(err)
	}
	fmt.Println(sum)
}
