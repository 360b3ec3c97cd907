// Objects that need each other hand over jobs instead of waiting.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type pair struct{ ping, pong desync.Desync[int] }

func (p *pair) Ping() {
	p.ping.Do(func(n *int) {
		*n++
		p.pong.Async(func(m *int) { *m++ })
	})
}

func (p *pair) Pong() {
	p.pong.Do(func(n *int) {
		*n++
		p.ping.Async(func(m *int) { *m++ })
	})
}

func main() {
	var p pair
	p.Ping()
	p.Pong()
	fmt.Println("done")
}
