package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A peer is one that runs.
type peer struct {
	proc    *pipe.Process
	out     *pipe.Writer
	heard   chan pipe.Answer // closed when there is no more
	lost    error            // why there is no more, once heard is closed
	hello   pipe.Hello
	id      int64
	patient time.Duration
}

// errLacks says that a peer does not have a kind of call, or no loops at all.
var errLacks = errors.New("the peer does not have it")

// start starts a peer.
func start(ctx context.Context, s Side, patience time.Duration) (*peer, error) {
	proc, err := pipe.Start(s.Command, nil)
	if err != nil {
		return nil, fmt.Errorf("it cannot be started: %w", err)
	}
	p := &peer{proc: proc, out: pipe.NewWriter(proc.In), heard: make(chan pipe.Answer), patient: patience}
	lines := pipe.NewReader(proc.Out, false)
	go func() {
		defer close(p.heard)
		for {
			var a pipe.Answer
			if p.lost = lines.Next(&a); p.lost != nil {
				return
			}
			if a.Op != "gone" { // of the jobs of an earlier run
				p.heard <- a
			}
		}
	}()
	a, err := p.ask(ctx, pipe.Order{Op: "hello", Protocol: []int{pipe.Version}, Suite: "desync-conform", Line: pipe.MaxLine})
	if err == nil && a.Op != "hello" {
		err = fmt.Errorf("to the hello it answers %s %s", a.Op, a.Text)
	}
	if err != nil {
		p.end()
		return nil, err
	}
	p.hello = a.Hello
	return p, nil
}

// ask sends a message and returns the next answer.
func (p *peer) ask(ctx context.Context, o pipe.Order) (pipe.Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.patient, fmt.Errorf("there was no answer for %v", p.patient))
	defer cancel()
	defer context.AfterFunc(ctx, p.proc.Kill)()
	_ = p.out.Send(o) // if that fails, there is no answer
	if a, ok := <-p.heard; ok {
		return a, nil
	}
	return pipe.Answer{}, p.why(ctx)
}

// why says why there is no answer.
func (p *peer) why(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.Is(p.lost, io.EOF):
		return p.lost
	}
	select {
	case <-p.proc.Done: // then all of its standard error is there
	case <-time.After(time.Second):
	}
	if said := strings.TrimSpace(p.proc.Stderr()); said != "" {
		return fmt.Errorf("it ended; its standard error ends with: %s", said)
	}
	return errors.New("it ended")
}

// run has each thread of a word make n calls. It returns the nanoseconds.
func (p *peer) run(ctx context.Context, w Word, n int) (float64, error) {
	p.id++
	a, err := p.ask(ctx, pipe.Order{Op: "bench", ID: p.id, Kind: w.Kind, N: n, P: w.Threads})
	switch {
	case err != nil:
		return 0, err
	case a.Op == "error" && (a.Code == pipe.UnknownKind || a.Code == pipe.UnknownOp):
		return 0, errLacks
	case a.Op != "bench" || a.ID != p.id:
		return 0, fmt.Errorf("to bench %d it answers %s %d %s", p.id, a.Op, a.ID, a.Text)
	case a.Ran != int64(n*w.Threads):
		return 0, fmt.Errorf("of %d jobs %d ran", n*w.Threads, a.Ran)
	case a.NS <= 0:
		return 0, fmt.Errorf("%d jobs took %d ns", n*w.Threads, a.NS)
	}
	return float64(a.NS), nil
}

// end ends the process.
func (p *peer) end() {
	_ = p.out.Send(pipe.Order{Op: "bye"})
	go func() {
		for range p.heard { // what is still to come
		}
	}()
	p.proc.Leave(time.Second)
}
