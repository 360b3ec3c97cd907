// A job starts a goroutine for the slow part, which goes on with the data.
package main

import (
	"time"

	"github.com/go-desync/go-desync/desync"
)

type cache struct {
	entries map[string]string
	saved   time.Time
}

func save(map[string]string) {}

func main() {
	d := desync.New(cache{entries: make(map[string]string)})
	d.Async(func(c *cache) {
		c.entries["a"] = "b"
		go func() {
			save(c.entries)
			c.saved = time.Now()
		}()
	})
	d.Do(func(*cache) {})
}
