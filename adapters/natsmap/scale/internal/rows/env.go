package rows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// An env is what a run works with.
type env struct {
	Setup
	dir      string
	config   child.Config
	servers  *child.Process
	url      string
	figures  []string
	faults   []error
	cleanups []func() error
	workers  []*child.Process
	held     child.Held
}

// lease is that of all families.
const lease = 2 * time.Second

const partitions = 8

// pick returns how much is done, in the whole form or the small one.
func (e *env) pick(whole, small int) int {
	if e.Small {
		return small
	}
	return whole
}

// million returns how many there are of what should be many. Three servers share a machine, and
// are what takes the time; what is shown, of the owner and of the client, is the same.
func (e *env) million(small int) int {
	if e.Servers > 1 {
		return e.pick(250_000, small)
	}
	return e.pick(1_000_000, small)
}

func (e *env) figure(format string, args ...any) {
	e.figures = append(e.figures, fmt.Sprintf(format, args...))
}

// require notes a fault unless ok is true; the run goes on.
func (e *env) require(ok bool, format string, args ...any) {
	if !ok {
		e.faults = append(e.faults, fmt.Errorf(format, args...))
	}
}

func (e *env) progress(format string, args ...any) {
	if e.Progress != nil {
		e.Progress(fmt.Sprintf(format, args...))
	}
}

func (e *env) cleanup(f func() error) { e.cleanups = append(e.cleanups, f) }

// close undoes what the run has begun, the last first.
func (e *env) close() (err error) {
	for len(e.cleanups) > 0 {
		last := len(e.cleanups) - 1
		err = errors.Join(err, e.cleanups[last]())
		e.cleanups = e.cleanups[:last]
	}
	return err
}

// family returns a family of the run.
func (e *env) family(name string) tally.Config {
	return tally.Config{Name: name, Partitions: partitions, Lease: lease, Replicas: e.Servers, MaxLog: 256 * megabyte}
}

// worker starts a worker, and returns when it serves. It shows the fault of the run.
func (e *env) worker(ctx context.Context, f tally.Config) (*child.Process, error) {
	return e.workerAt(ctx, f, child.Config{URL: e.url})
}

func (e *env) workerAt(ctx context.Context, f tally.Config, c child.Config) (*child.Process, error) {
	f.Fault = e.Fault
	c.Family = &f
	p, err := child.Start(c, nil)
	if err != nil {
		return nil, err
	}
	e.workers = append(e.workers, p)
	closed := false
	e.cleanup(func() error {
		if closed {
			return nil
		}
		closed = true
		return p.Close()
	})
	_, _, err = p.Await(ctx, "a worker", func(r child.Report) bool { return r.Serving })
	return p, err
}

// pair starts two workers, and returns when each has its share.
func (e *env) pair(ctx context.Context, f tally.Config) (first, second *child.Process, err error) {
	if first, err = e.worker(ctx, f); err != nil {
		return nil, nil, err
	}
	if second, err = e.worker(ctx, f); err != nil {
		return nil, nil, err
	}
	return first, second, e.shared(ctx, f, first, second)
}

// stuck says what the workers have that live, and where their goroutines are.
func (e *env) stuck(ctx context.Context) (text string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for i, p := range e.workers {
		if r, err := p.Tell(ctx, "stacks"); err == nil {
			text += fmt.Sprintf("\n           worker %d has %d partitions, %d commands open, and its goroutines are in %s", i, len(r.Partitions), r.Open, r.Stacks)
		}
	}
	return text
}

// shared waits until two workers share the partitions.
func (e *env) shared(ctx context.Context, f tally.Config, first, second *child.Process) error {
	for _, p := range []*child.Process{first, second} {
		if _, _, err := p.Await(ctx, "a worker's share", func(r child.Report) bool {
			return len(r.Partitions) > 0 && len(r.Partitions) < f.Partitions
		}); err != nil {
			return err
		}
	}
	return nil
}

func all(n int) func(r child.Report) bool {
	return func(r child.Report) bool { return len(r.Partitions) == n }
}

// connect returns a connection of the run's own.
func (e *env) connect() (*nats.Conn, jetstream.JetStream, error) {
	nc, err := child.Connect(e.url)
	if err != nil {
		return nil, nil, err
	}
	e.cleanup(func() error { nc.Close(); return nil })
	js, err := jetstream.New(nc)
	return nc, js, err
}

// A client hands commands over.
type client struct {
	*natsmap.Map[tally.Tally]
	f  *tally.Family
	c  tally.Config
	js jetstream.JetStream
	nc *nats.Conn
}

func (e *env) client(ctx context.Context, c tally.Config) (*client, error) {
	nc, js, err := e.connect()
	if err != nil {
		return nil, err
	}
	f := c.Family()
	m, err := child.Open(ctx, f, nc)
	if err != nil {
		return nil, err
	}
	e.cleanup(func() error { m.Close(); return nil })
	return &client{m, f, c, js, nc}, nil
}

// start returns a client and two workers of a family that is named after the row.
func (e *env) start(ctx context.Context, name string) (cl *client, first, second *child.Process, err error) {
	f := e.family(name)
	if cl, err = e.client(ctx, f); err != nil {
		return nil, nil, nil, err
	}
	first, second, err = e.pair(ctx, f)
	return cl, first, second, err
}

// leader returns which server leads a stream.
func (e *env) leader(ctx context.Context, js jetstream.JetStream, stream string) (int, error) {
	for {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		s, err := js.Stream(attempt, stream)
		cancel()
		if err == nil && s.CachedInfo().Cluster != nil {
			var i int
			if _, err := fmt.Sscanf(s.CachedInfo().Cluster.Leader, "s%d", &i); err == nil {
				return i, nil
			}
		}
		if !wait(ctx, 50*time.Millisecond) {
			return 0, fmt.Errorf("the stream %s has no leader: %w", stream, context.Cause(ctx))
		}
	}
}

// stopLeader stops the server that leads a stream, waits until another does, and starts it
// again.
func (e *env) stopLeader(ctx context.Context, js jetstream.JetStream, stream string, meanwhile func() error) error {
	i, err := e.leader(ctx, js, stream)
	if err != nil {
		return err
	}
	if _, err := e.servers.Tell(ctx, fmt.Sprint("stop ", i)); err != nil {
		return err
	}
	if _, err := e.leader(ctx, js, stream); err != nil {
		return err
	}
	if err := meanwhile(); err != nil {
		return err
	}
	_, err = e.servers.Tell(ctx, fmt.Sprint("start ", i))
	return err
}

// killServers kills the process of the servers, and starts it again.
func (e *env) killServers(ctx context.Context) error {
	e.servers.Kill()
	return e.startAgain(ctx)
}

// wait pauses, and reports whether ctx goes on.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func round(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(10 * time.Millisecond)
}
