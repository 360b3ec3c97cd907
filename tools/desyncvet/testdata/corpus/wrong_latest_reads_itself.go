// The job for the latest value asks its own object what the value was before.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/adapters/latest"
	"github.com/go-desync/go-desync/desync"
)

func main() {
	var screen desync.Desync[string]
	show := latest.On(&screen, func(s *string, text string) {
		before := screen.Sync(func(s *string) string { return *s })
		fmt.Println(before, text)
		*s = text
	})
	show.Set("hello")
	screen.Do(func(*string) {})
}
