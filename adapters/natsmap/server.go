package natsmap

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// server is one call of Serve.
type server struct {
	nc   *nats.Conn // of its own, so that what is read does not wait for what is written
	js   jetstream.JetStream
	room chan struct{}

	mu    sync.Mutex
	beat  time.Time // of the last sign of life that the server has confirmed
	since time.Time // from when on they were confirmed without a gap
}

// stream returns what there is to know of a stream.
func (s *server) stream(ctx context.Context, name string) (*jetstream.StreamInfo, error) {
	attempt, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	stream, err := s.js.Stream(attempt, name)
	if err != nil {
		return nil, err
	}
	return stream.CachedInfo(), nil
}

// heard returns when the server has last confirmed a sign of life of this process, and since
// when it has without a gap.
func (s *server) heard() (last, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.beat, s.since
}
