// The data pointer is kept in a variable, to save the next call.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type config struct{ level int }

func main() {
	d := desync.New(config{level: 1})
	var current *config
	d.Do(func(c *config) { current = c })
	d.Async(func(c *config) { c.level = 2 })
	fmt.Println(current.level)
}
