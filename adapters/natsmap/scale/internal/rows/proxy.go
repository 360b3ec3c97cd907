package rows

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// A proxy stands between a worker and a server, and can hold back what they send, as a network
// does that is cut. What it has held back comes late, and nothing is lost.
type proxy struct {
	l    net.Listener
	to   string
	gate sync.RWMutex // locked while the wire is cut

	mu    sync.Mutex
	conns []net.Conn
	moves sync.WaitGroup
}

func newProxy(port int) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{l: l, to: fmt.Sprintf("127.0.0.1:%d", port)}
	p.moves.Go(p.accept)
	return p, nil
}

func (p *proxy) url() string { return "nats://" + p.l.Addr().String() }

func (p *proxy) cut() { p.gate.Lock() }

func (p *proxy) heal() { p.gate.Unlock() }

func (p *proxy) accept() {
	for {
		from, err := p.l.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.to)
		if err != nil {
			from.Close() // the worker tries again
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, from, to)
		p.mu.Unlock()
		p.moves.Go(func() { p.move(to, from) })
		p.moves.Go(func() { p.move(from, to) })
	}
}

func (p *proxy) move(to, from net.Conn) {
	defer to.Close()
	_, _ = io.Copy(gated{to, &p.gate}, from)
}

// gated writes when the wire is whole.
type gated struct {
	w    io.Writer
	gate *sync.RWMutex
}

func (g gated) Write(b []byte) (int, error) {
	g.gate.RLock()
	defer g.gate.RUnlock()
	return g.w.Write(b)
}

// close ends all connections. The wire must be whole.
func (p *proxy) close() error {
	err := p.l.Close()
	p.mu.Lock()
	for _, c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.moves.Wait()
	return err
}
