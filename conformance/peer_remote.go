package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A remote is a peer in a run. It belongs to the goroutine of the run.
type remote struct {
	peer      Peer
	hello     pipe.Hello
	conn      *conn // nil when there is no process
	processes int
}

// start starts a process of the peer and waits for its hello.
func (r *remote) start(ctx context.Context) error {
	p, err := pipe.Start(r.peer.Command, nil)
	if err != nil {
		return fmt.Errorf("conformance: the peer cannot be started: %w", err)
	}
	r.processes++
	c := newConn(p, r.peer.Strict)
	hello, reason := r.greet(ctx, c)
	if reason != "" {
		p.Kill()
		return &PeerError{reason, p.Stderr()}
	}
	r.hello, r.conn = hello, c
	c.quiet = time.Duration(hello.QuietMS) * time.Millisecond
	c.claims = hello.Claims
	c.weak, c.loop = hello.Weak, hello.Model == "loop"
	if hello.PID > 0 && !pipe.Below(p.PID(), hello.PID) {
		c.hidden = true
	}
	go c.read()
	return nil
}

// greet exchanges hellos. It returns what is wrong, or "".
func (r *remote) greet(ctx context.Context, c *conn) (hello pipe.Hello, reason string) {
	patience := r.peer.Start
	if patience == 0 {
		patience = 20 * time.Second
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type first struct {
		a   pipe.Answer
		err error
	}
	came := make(chan first, 1)
	go func() {
		var f first
		f.err = c.in.Next(&f.a)
		came <- f
	}()
	_ = c.out.Send(pipe.Order{
		Op: "hello", Protocol: []int{pipe.Version}, Suite: suiteName, Line: pipe.MaxLine, Fault: r.peer.Fault,
	})
	select {
	case f := <-came:
		return f.a.Hello, r.greeted(c, f.a, f.err)
	case <-limited.Done():
		if ctx.Err() != nil {
			return hello, fmt.Sprintf("the run was broken off: %v", context.Cause(ctx))
		}
		return hello, fmt.Sprintf("the peer did not say hello within %v; does it flush its standard output after each line?", patience)
	}
}

// suiteName is what the driver calls itself.
const suiteName = "desync-conform"

func (r *remote) greeted(c *conn, a pipe.Answer, err error) (reason string) {
	var bad *pipe.LineError
	switch {
	case errors.Is(err, io.EOF):
		select {
		case <-c.proc.Done:
			return "the peer ended before it said hello: " + pipe.Ended(c.proc.End())
		case <-time.After(time.Second):
			return "the peer closed its standard output before it said hello"
		}
	case errors.As(err, &bad):
		return "the peer broke the protocol: instead of its hello came " + bad.Error() + "; the standard output is for messages only"
	case err != nil:
		return "the hello of the peer cannot be read: " + err.Error()
	case a.Op == "error":
		return fmt.Sprintf("the peer refused the hello, which offered version %d of the protocol: %s: %s", pipe.Version, a.Code, a.Text)
	case a.Op != "hello":
		return fmt.Sprintf("the peer broke the protocol: its first message is %q, and must be hello", a.Op)
	case a.Protocol != pipe.Version:
		return fmt.Sprintf("the peer speaks version %d of the protocol; this is version %d", a.Protocol, pipe.Version)
	case a.Name == "":
		return "the peer broke the protocol: its hello has no name"
	case a.Fault != r.peer.Fault:
		return fmt.Sprintf("the peer has no self-test: its hello does not repeat the fault %q", r.peer.Fault)
	}
	for f := range a.Claims {
		if !slices.Contains(Features(), Feature(f)) {
			return fmt.Sprintf("the peer broke the protocol: its hello claims the unknown feature %q; there are %v", f, Features())
		}
	}
	return ""
}

// factory is what the run takes the peer for.
func (r *remote) factory() Factory {
	claims := map[Feature]Claim{}
	for f, reason := range r.hello.Claims {
		switch {
		case reason == "yes" && Feature(f).ofKeyed():
			claims[Feature(f)] = Unsupported("version 1 of the protocol has no tables of objects")
		case reason == "yes":
			claims[Feature(f)] = Supported()
		case reason == "":
			claims[Feature(f)] = Unsupported("no reason is given")
		default:
			claims[Feature(f)] = Unsupported(reason)
		}
	}
	return Factory{
		Info:     Implementation{Name: r.hello.Name, Version: r.hello.Version, URL: r.hello.URL},
		Features: claims,
		New:      func(Setup) (Object, error) { return r.conn.object() },
	}
}

// info is what the report says of the peer.
func (r *remote) info() *PeerInfo {
	programs := "steered"
	if r.hello.Play {
		programs = "played"
	}
	return &PeerInfo{
		Command: r.peer.Command, Language: r.hello.Language, Runtime: r.hello.Runtime, Model: r.hello.Model,
		Protocol: r.hello.Protocol, Programs: programs, Processes: r.processes,
	}
}

// begin makes the peer ready for a case.
func (r *remote) begin(ctx context.Context, l *listener) error {
	if r.conn == nil {
		if err := r.start(ctx); err != nil {
			return err
		}
	}
	r.conn.heard.Store(l)
	r.conn.reset()
	return nil
}

// finish ends the process if it may not be used for another case.
func (r *remote) finish(clean bool) {
	if r.conn == nil {
		return
	}
	select {
	case <-r.conn.gone:
		clean = false
	default:
	}
	if !clean {
		r.conn.lose(lostKilled, "")
		r.conn.proc.Kill()
		r.conn = nil
	}
}

// broke reports whether the peer has broken the protocol.
func (r *remote) broke() bool {
	select {
	case <-r.conn.gone:
		return r.conn.lost == lostBroke
	default:
		return false
	}
}

// leave lets the process end by itself, and kills what does not.
func (r *remote) leave() {
	if r.conn == nil {
		return
	}
	_ = r.conn.out.Send(pipe.Order{Op: "bye"})
	r.conn.lose(lostKilled, "")
	r.conn.proc.Leave(time.Second)
	r.conn = nil
}
