package conformance

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A conn is a process of a peer, and what goes on in it. Each call of the suite is a call
// of a thread in the peer. When a job starts there, the suite's own job runs here, on a
// goroutine that stands for the thread, and the thread waits for its end.
type conn struct {
	proc   *pipe.Process
	in     *pipe.Reader
	out    *pipe.Writer
	quiet  time.Duration // that the peer may stand still by itself
	weak   bool          // it tells which jobs it has let go of
	hidden bool          // its process cannot be seen
	loop   bool          // it has one thread, and tasks

	claims map[string]string        // of the hello
	heard  atomic.Pointer[listener] // the case that goes on
	lines  atomic.Int64             // that have come, pongs aside

	mu      sync.Mutex
	next    int64                      // the last number given to a call
	floor   int64                      // calls up to this one are of earlier cases
	objects int                        // the last number given to an object
	calls   map[int64]*call            // of this case
	states  map[int]*State             // by number
	thrown  map[string]any             // what jobs panicked with, by the text that travels
	seats   map[uint64]*seat           // by goroutine
	threads []*thread                  // of the peer, by number
	asked   map[int64]chan pipe.Answer // by whoever waits for the answer

	once sync.Once
	gone chan struct{} // closed when the process is of no more use
	lost loss          // why, once gone is closed
	why  string
}

// A listener is what a case hears of its peer.
type listener struct {
	rule   string            // what the case checks
	lost   func(*conn)       // the process is of no more use
	claims func(text string) // a call of a feature that is claimed is not known
}

// A loss is why a process is of no more use.
type loss int

const (
	lostKilled loss = iota // the run has ended it
	lostEnded              // it ended by itself
	lostBroke              // it broke the protocol
)

func newConn(p *pipe.Process, strict bool) *conn {
	return &conn{
		proc: p, in: pipe.NewReader(p.Out, strict), out: pipe.NewWriter(p.In),
		calls: map[int64]*call{}, states: map[int]*State{}, thrown: map[string]any{}, seats: map[uint64]*seat{},
		asked: map[int64]chan pipe.Answer{},
		gone:  make(chan struct{}),
	}
}

// lose notes that the process is of no more use. The first reason counts.
func (c *conn) lose(l loss, format string, args ...any) {
	c.once.Do(func() {
		c.lost, c.why = l, fmt.Sprintf(format, args...)
		close(c.gone)
	})
}

func (c *conn) broke(format string, args ...any) { c.lose(lostBroke, format, args...) }

// send writes a message. If that fails, the reader finds out why.
func (c *conn) send(o pipe.Order) { _ = c.out.Send(o) }

// reset makes everything that is still to come from earlier cases meaningless.
func (c *conn) reset() {
	c.mu.Lock()
	c.floor = c.next
	clear(c.calls)
	clear(c.states)
	clear(c.thrown)
	clear(c.seats)
	for _, th := range c.threads {
		th.owner = 0
	}
	c.mu.Unlock()
	c.send(pipe.Order{Op: "reset"})
}

// read takes what the peer says until it ends.
func (c *conn) read() {
	for {
		var a pipe.Answer
		if err := c.in.Next(&a); err != nil {
			c.ended(err)
			return
		}
		if a.Op != "pong" {
			c.lines.Add(1)
		}
		if !c.take(a) {
			return
		}
	}
}

// ended notes why there is nothing more to read.
func (c *conn) ended(err error) {
	var bad *pipe.LineError
	if errors.As(err, &bad) {
		select {
		case <-c.proc.Done: // half a line is what a crash leaves
			c.lose(lostEnded, "%s", pipe.Ended(c.proc.End()))
		case <-time.After(100 * time.Millisecond):
			c.broke("%v", bad)
		}
		return
	}
	select {
	case <-c.proc.Done:
		c.lose(lostEnded, "%s", pipe.Ended(c.proc.End()))
	case <-time.After(2 * time.Second):
		if errors.Is(err, io.EOF) {
			c.broke("it closed its standard output, and its process goes on")
		} else {
			c.broke("its standard output cannot be read: %v", err)
		}
	}
}

// take takes one message. It reports whether the peer may go on.
func (c *conn) take(a pipe.Answer) bool {
	switch a.Op {
	case "ret":
		return c.took(a, "ret", c.returned)
	case "start":
		return c.took(a, "start", c.started)
	case "gone":
		return c.took(a, "gone", func(k *call, _ pipe.Answer) string {
			c.mu.Lock()
			k.job = nil
			c.mu.Unlock()
			return ""
		})
	case "error":
		return c.answered(a) || c.took(a, "error", c.refused)
	case "pong", "stat", "history":
		if !c.answered(a) {
			c.broke("its %s has the unknown number %d", a.Op, a.ID)
			return false
		}
		return true
	}
	c.broke("it sent the unknown message %q", a.Op)
	return false
}

// answered gives an answer to who asked, and reports whether somebody did.
func (c *conn) answered(a pipe.Answer) bool {
	c.mu.Lock()
	asker := c.asked[a.ID]
	delete(c.asked, a.ID)
	c.mu.Unlock()
	if asker != nil {
		asker <- a
	}
	return asker != nil
}

// took finds the call that a message is about.
func (c *conn) took(a pipe.Answer, op string, f func(*call, pipe.Answer) (fault string)) bool {
	c.mu.Lock()
	k, old := c.calls[a.ID], a.ID > 0 && a.ID <= c.floor
	c.mu.Unlock()
	switch {
	case old && op == "start": // a job of an earlier case
		c.send(pipe.Order{Op: "end", Run: a.Run})
		return true
	case old:
		return true
	case k == nil && op == "error":
		c.broke("it sent the error %s: %s", a.Code, a.Text)
		return false
	case k == nil:
		c.broke("its %s has the unknown number %d", op, a.ID)
		return false
	}
	if fault := f(k, a); fault != "" {
		c.broke("%s", fault)
		return false
	}
	return true
}

// ask sends a question and returns the answer, or false if it does not come in time.
func (c *conn) ask(o pipe.Order, limit <-chan time.Time) (a pipe.Answer, ok bool) {
	answer := make(chan pipe.Answer, 1)
	c.mu.Lock()
	c.next++
	o.ID = c.next
	c.asked[o.ID] = answer
	c.mu.Unlock()
	go c.send(o) // who does not read may not keep the asker
	select {
	case a = <-answer:
		return a, true
	case <-limit:
	case <-c.gone:
	}
	return a, false
}
