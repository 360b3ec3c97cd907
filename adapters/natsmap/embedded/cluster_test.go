package embedded_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
)

// A cluster is three servers in this process.
type cluster struct {
	dirs, urls []string
	routes     string
	ports      []int

	mu      sync.Mutex
	servers []*server.Server
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{servers: make([]*server.Server, 3)}
	var routes []string
	for range 3 {
		c.dirs = append(c.dirs, t.TempDir())
		port, client := freePort(t), freePort(t)
		c.ports = append(c.ports, port, client)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", port))
		c.urls = append(c.urls, fmt.Sprintf("nats://127.0.0.1:%d", client))
	}
	c.routes = strings.Join(routes, ",")
	for i := range 3 {
		c.start(t, i)
	}
	t.Cleanup(func() {
		for i := range 3 {
			c.stop(i)
		}
	})
	for _, s := range c.servers {
		if !s.ReadyForConnections(30 * time.Second) {
			t.Fatal("a server is not ready")
		}
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		for _, s := range c.servers {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == 3 {
				return c
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the servers have no leader")
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: fmt.Sprintf("s%d", i), Host: "127.0.0.1", Port: c.ports[2*i+1],
		JetStream: true, StoreDir: c.dirs[i], SyncInterval: 2 * time.Minute, NoSigs: true, NoLog: true,
		Cluster: server.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: c.ports[2*i]},
		Routes:  server.RoutesFromStr(c.routes),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	c.mu.Lock()
	c.servers[i] = s
	c.mu.Unlock()
}

func (c *cluster) stop(i int) {
	c.mu.Lock()
	s := c.servers[i]
	c.mu.Unlock()
	s.Shutdown()
	s.WaitForShutdown()
}

func (c *cluster) connect(t *testing.T) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(strings.Join(c.urls, ","), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// leader returns which server leads a stream.
func (c *cluster) leader(t *testing.T, nc *nats.Conn, stream string) int {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		s, err := js.Stream(ctx, stream)
		cancel()
		if err == nil && s.CachedInfo().Cluster != nil {
			for i := range 3 {
				if s.CachedInfo().Cluster.Leader == fmt.Sprintf("s%d", i) {
					return i
				}
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the stream %s has no leader", stream)
	return 0
}

var (
	safeTallies = natsmap.New[tally]("safe", natsmap.Partitions(8), natsmap.Lease(3*time.Second), natsmap.Replicas(3))
	safeCount   = safeTallies.Command("count", func(_ *natsmap.Turn, y *tally, n int) (int, error) {
		y.add(n)
		return y.N, nil
	})
)

// The leaders of the streams are stopped, one after the other, under load.
func TestScaleReplicas(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	c := startCluster(t)
	open := func() *natsmap.Map[tally] {
		var m *natsmap.Map[tally]
		var err error
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			m, err = safeTallies.Open(ctx, c.connect(t))
			cancel()
			if err == nil {
				t.Cleanup(m.Close)
				return m
			}
		}
		t.Fatal(err)
		return nil
	}
	nc := c.connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	defer serving.Wait()
	defer cancel()
	var maps []*natsmap.Map[tally]
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for _, m := range maps {
			t.Logf("%+v", m.Stats())
		}
		js, _ := jetstream.New(nc)
		for _, name := range []string{"safe-log", "safe-state"} {
			s, err := js.Stream(context.Background(), name)
			if err != nil {
				t.Log(err)
				continue
			}
			t.Logf("%+v", s.CachedInfo().State)
			l := s.ListConsumers(context.Background())
			for c := range l.Info() {
				t.Logf("%s %v %v del %+v pending %d waiting %d leader %v", c.Name, c.Config.FilterSubject, c.Config.FilterSubjects, c.Delivered, c.NumPending, c.NumWaiting, c.Cluster)
			}
		}
	})
	for range 2 {
		m := open()
		maps = append(maps, m)
		serving.Go(func() {
			if err := m.Serve(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	m := open()
	handed := make(chan map[string]*tally, 1)
	go func() {
		want := map[string]*tally{}
		var all sync.WaitGroup
		for k := range 50 {
			y, key := &tally{}, fmt.Sprintf("key %d", k)
			want[key] = y
			all.Go(func() {
				for i := range 400 {
					if err := m.Async(t.Context(), key, safeCount, i); err != nil {
						t.Error(err)
						return
					}
					y.add(i)
				}
			})
		}
		all.Wait()
		handed <- want
	}()
	for _, stream := range []string{"safe-log", "safe-state"} {
		i := c.leader(t, nc, stream)
		begun := time.Now()
		c.stop(i)
		c.leader(t, nc, stream)
		t.Logf("the leader of %s was away for %v", stream, time.Since(begun))
		c.start(t, i)
	}
	begun := time.Now()
	want := <-handed
	t.Logf("handed over %v later", time.Since(begun))
	check(t, m, want, time.Minute)
	t.Logf("done %v later", time.Since(begun))
}
