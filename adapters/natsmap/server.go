package natsmap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// server is one call of Serve.
type server struct {
	nc      *nats.Conn // of its own, so that what is read does not wait for what is written
	js      jetstream.JetStream
	room    chan struct{} // see Running
	rereads chan struct{} // see readAgain
	full    atomic.Bool   // the log was full; see owe

	mu   sync.Mutex
	most map[int]func() (room int, relieve func()) // of the partitions
}

// relieve makes room by letting the key that takes most of it fall behind.
func (s *server) relieve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, relieve := 1, func() {}
	for _, most := range s.most {
		if r, f := most(); r > room {
			room, relieve = r, f
		}
	}
	relieve()
}

// has notes that there is a partition, or, if most is nil, that there is none.
func (s *server) has(n int, most func() (room int, relieve func())) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if most == nil {
		delete(s.most, n)
		return
	}
	s.most[n] = most
}

// connect makes the connection of Serve, like that of the caller. denied is called if the
// server refuses something of the family to the user, which it says beside the requests.
func (m *Map[T]) connect(denied func(error)) (*nats.Conn, error) {
	opts := m.nc.Opts
	opts.ClosedCB = nil // it is about the caller's own
	report := opts.AsyncErrorCB
	opts.AsyncErrorCB = func(nc *nats.Conn, sub *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) && (strings.Contains(err.Error(), `"`+m.family.name+".") || strings.Contains(err.Error(), `"$JS.`)) {
			denied(fmt.Errorf("natsmap: serve %s: the user of the connection may not do this; the documentation lists what is needed: %w", m.family.name, err))
		}
		if report != nil {
			report(nc, sub, err)
		}
	}
	return opts.Connect()
}

// stream returns a stream with what there is to know of it now.
func (s *server) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	attempt, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	return s.js.Stream(attempt, name)
}
