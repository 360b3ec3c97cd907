package embedded_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// A server of its own goes on with the directory of an embedded one.
func TestDataOfAnEmbeddedServerMoves(t *testing.T) {
	dir := t.TempDir()
	func() {
		s, err := embedded.Start(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		nc, err := s.Conn()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		m, err := bank.Open(within(t), nc)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		stop := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { stop <- m.Serve(ctx) }()
		if n, err := m.Sync(within(t), "ann", deposit, 3); err != nil || n != 3 {
			t.Fatal(n, err)
		}
		cancel()
		if err := <-stop; err != nil {
			t.Fatal(err)
		}
		if err := m.Async(within(t), "ann", deposit, 4); err != nil { // for the new one
			t.Fatal(err)
		}
	}()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer func() {
		s.Shutdown()
		s.WaitForShutdown()
	}()
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server is not ready")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m, err := bank.Open(within(t), nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	if n, err := m.Sync(within(t), "ann", deposit, 5); err != nil || n != 12 {
		t.Errorf("on the new server it gave %d, %v; want 12", n, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
