// The job for the latest value uses the data that it is given.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/adapters/latest"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	var screen desync.Desync[string]
	show := latest.On(&screen, func(s *string, text string) {
		fmt.Println(*s, text)
		*s = text
	})
	show.Set("hello")
	screen.Do(func(*string) {})
}
