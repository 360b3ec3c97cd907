package conformance

import (
	"runtime"
	"sync"
)

// A barrier lets the clients go on together. It spins for a while, since what
// follows aims at meeting in the object, and then blocks.
type barrier struct {
	mu      sync.Mutex
	parties int
	here    int
	next    chan struct{}
}

func (b *barrier) pass() {
	b.mu.Lock()
	next := b.next
	if b.here++; b.here == b.parties {
		b.here, b.next = 0, make(chan struct{})
		close(next)
	}
	b.mu.Unlock()
	for range 100 {
		select {
		case <-next:
			return
		default:
			runtime.Gosched()
		}
	}
	<-next
}
