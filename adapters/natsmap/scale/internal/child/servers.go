package child

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// Servers returns the configuration of n servers, one or three, with directories below dir.
func Servers(dir string, n int, sync bool) (c Config, err error) {
	c.Sync = sync
	var open []net.Listener // all at once, so that no port comes twice
	for i := range n {
		d := filepath.Join(dir, fmt.Sprintf("s%d", i))
		c.Dirs = append(c.Dirs, d)
		err = errors.Join(err, os.MkdirAll(d, 0o700))
	}
	for range 2 * n {
		l, e := net.Listen("tcp", address(0))
		if e != nil {
			err = errors.Join(err, e)
			break
		}
		open = append(open, l)
		c.Ports = append(c.Ports, l.Addr().(*net.TCPAddr).Port)
	}
	for _, l := range open {
		l.Close()
	}
	return c, err
}

// runServers is the program of the process with the servers.
func (c Config) runServers() error {
	if len(c.Dirs) == 1 {
		opts := []embedded.Option{embedded.Listen(address(c.Ports[0]))}
		if !c.Sync {
			opts = append(opts, embedded.WithoutSync())
		}
		s, err := embedded.Start(c.Dirs[0], opts...)
		if err != nil {
			return err
		}
		defer s.Close()
		Report{URL: s.URL()}.print()
		lines(func(string) {})
		return nil
	}
	g := &group{Config: c, servers: make([]*server.Server, len(c.Dirs))}
	defer g.close()
	return g.run()
}

// A group is the servers of a cluster.
type group struct {
	Config
	servers []*server.Server
	done    int
}

func (g *group) run() error {
	var urls []string
	for i := range g.servers {
		if err := g.start(i); err != nil {
			return err
		}
		urls = append(urls, "nats://"+address(g.Ports[i]))
	}
	if err := g.ready(); err != nil {
		return err
	}
	Report{URL: joined(urls)}.print()
	var failed error
	lines(func(line string) {
		var i int
		if _, err := fmt.Sscanf(line, "stop %d", &i); err == nil {
			g.servers[i].Shutdown()
			g.servers[i].WaitForShutdown()
		} else if _, err := fmt.Sscanf(line, "start %d", &i); err == nil {
			failed = errors.Join(failed, g.start(i))
		}
		g.done++
		Report{Done: g.done}.print()
	})
	return failed
}

func (g *group) start(i int) error {
	var routes []string
	for _, port := range g.Ports[len(g.Dirs):] {
		routes = append(routes, "nats://"+address(port))
	}
	o := &server.Options{
		ServerName: fmt.Sprintf("s%d", i), Host: "127.0.0.1", Port: g.Ports[i],
		JetStream: true, StoreDir: g.Dirs[i], SyncAlways: g.Sync, SyncInterval: 2 * time.Minute, NoSigs: true, NoLog: true,
		Cluster: server.ClusterOpts{Name: "scale", Host: "127.0.0.1", Port: g.Ports[len(g.Dirs)+i]},
		Routes:  server.RoutesFromStr(strings.Join(routes, ",")),
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	g.servers[i] = s
	return nil
}

// ready waits until the servers know each other and have a leader.
func (g *group) ready() error {
	deadline := time.Now().Add(time.Minute)
	for _, s := range g.servers {
		if !s.ReadyForConnections(time.Until(deadline)) {
			return errors.New("a server is not ready after a minute")
		}
	}
	for time.Now().Before(deadline) {
		for _, s := range g.servers {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == len(g.servers) {
				return nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("the servers have no leader after a minute")
}

func (g *group) close() {
	for _, s := range g.servers {
		if s != nil {
			s.Shutdown()
			s.WaitForShutdown()
		}
	}
}
