package embedded

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// A Server is a NATS server in this process. Make it with [Start] and end it with
// [Server.Close].
type Server struct {
	server *server.Server
	lock   *flock.Flock
}

// An Option sets a property of a server in [Start].
type Option func(*server.Options) error

// WithoutSync lets the system write to the disk when it likes. It is about 25 times as fast.
// What was confirmed in the last two minutes may be lost when the machine fails, but not when
// the process ends. Without the option, nothing is confirmed that is not on the disk.
func WithoutSync() Option {
	return func(o *server.Options) error {
		o.SyncAlways, o.SyncInterval = false, 2*time.Minute
		return nil
	}
}

// Listen lets other processes connect, at a TCP address such as 127.0.0.1:4222; with port 0
// the system chooses one. Without the option only this process can. There is no authentication
// and no TLS: use an address that only your own programs reach.
func Listen(address string) Option {
	return func(o *server.Options) error {
		host, text, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("embedded: Listen(%q): %w", address, err)
		}
		port, err := strconv.Atoi(text)
		if err != nil || port < 0 || port > 65535 {
			return fmt.Errorf("embedded: Listen(%q): the port must be from 0 to 65535", address)
		}
		if port == 0 {
			port = server.RANDOM_PORT
		}
		o.DontListen, o.Host, o.Port = false, host, port
		return nil
	}
}

// ErrInUse says that another server, of this process or of another, uses the directory.
var ErrInUse = errors.New("another server uses the directory")

// ready is how long a server may take to read what is in its directory.
const ready = time.Minute

// Start starts a server that keeps its data in dir, which it makes if it is not there. It
// returns when the server answers, after at most a minute. The error matches [ErrInUse] if dir
// has a server.
func Start(dir string, opts ...Option) (*Server, error) {
	o := &server.Options{
		ServerName: "embedded", JetStream: true, StoreDir: dir, SyncAlways: true,
		DontListen: true, NoSigs: true, NoLog: true,
	}
	for _, opt := range opts {
		if err := opt(o); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("embedded: lock %s: %w", dir, err)
	case !locked:
		return nil, fmt.Errorf("embedded: start in %s: %w", dir, ErrInUse)
	}
	s := &Server{lock: lock}
	var err error
	if s.server, err = server.NewServer(o); err != nil {
		_ = lock.Unlock()
		return nil, fmt.Errorf("embedded: start in %s: %w", dir, err)
	}
	s.server.Start()
	if !s.server.ReadyForConnections(ready) || !s.server.JetStreamEnabled() {
		s.Close()
		return nil, fmt.Errorf("embedded: the server in %s was not ready after %v; look at the space and the rights there", dir, ready)
	}
	return s, nil
}

// Conn returns a connection within the process. The caller closes it.
func (s *Server) Conn(opts ...nats.Option) (*nats.Conn, error) {
	return nats.Connect("", append([]nats.Option{nats.InProcessServer(s.server)}, opts...)...)
}

// URL returns the address for other processes, or "" without [Listen].
func (s *Server) URL() string {
	if s.server.Addr() == nil {
		return ""
	}
	return s.server.ClientURL()
}

// Close ends the server, and returns when its data is on the disk. Connections to it end.
func (s *Server) Close() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
	_ = s.lock.Unlock()
}

// Test returns a connection to a server of its own for a test, without fsync. Both end with
// the test.
func Test(t testing.TB) *nats.Conn {
	t.Helper()
	s, err := Start(t.TempDir(), WithoutSync())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}
