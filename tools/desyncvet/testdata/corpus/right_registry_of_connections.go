// The registry guards the map; the connections guard themselves.
package main

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
)

type connection struct {
	mu   sync.Mutex
	sent int
}

func (c *connection) Send() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
}

type hub struct {
	d desync.Desync[map[string]*connection]
}

func (h *hub) Connection(id string) *connection {
	return h.d.Sync(func(m *map[string]*connection) *connection {
		if *m == nil {
			*m = make(map[string]*connection)
		}
		c := (*m)[id]
		if c == nil {
			c = new(connection)
			(*m)[id] = c
		}
		return c
	})
}

func main() {
	var h hub
	h.Connection("a").Send()
	fmt.Println("sent")
}
