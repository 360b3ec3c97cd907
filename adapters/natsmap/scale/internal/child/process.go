package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// A Process is a child that runs.
type Process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	ended chan struct{} // closed when it is gone

	mu      sync.Mutex
	last    Report
	told    int
	changed chan struct{} // closed when there is another report
	see     func(Report)
}

// Start starts a child. see, which may be nil, is called with each report.
func Start(c Config, see func(Report)) (*Process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: exec.Command(program), ended: make(chan struct{}), changed: make(chan struct{}), see: see}
	p.cmd.Env = append(os.Environ(), variable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.read(out)
	return p, nil
}

// read takes the reports until the process is gone.
func (p *Process) read(out io.Reader) {
	for s := bufio.NewScanner(out); s.Scan(); {
		var r Report
		if json.Unmarshal(s.Bytes(), &r) != nil {
			continue // a stray line of a library
		}
		p.mu.Lock()
		p.last = r
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
		if p.see != nil {
			p.see(r)
		}
	}
	_ = p.cmd.Wait()
	close(p.ended)
}

// Last returns the last report.
func (p *Process) Last() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// Await waits until a report is as it should be, and returns it and how long that took. The error
// says what was awaited.
func (p *Process) Await(ctx context.Context, what string, ok func(Report) bool) (Report, time.Duration, error) {
	begun := time.Now()
	for {
		p.mu.Lock()
		r, changed := p.last, p.changed
		p.mu.Unlock()
		if ok(r) {
			return r, time.Since(begun), nil
		}
		select {
		case <-changed:
		case <-p.ended:
			return r, 0, fmt.Errorf("%s: the process has ended before: %s", what, r.Fault)
		case <-ctx.Done():
			return r, 0, fmt.Errorf("%s: not after %v: %w; the last report has %d partitions, %d commands, %d open", what,
				time.Since(begun).Round(time.Millisecond), context.Cause(ctx), len(r.Partitions), r.Commands, r.Open)
		}
	}
}

// Tell gives an order, and waits until it is carried out.
func (p *Process) Tell(ctx context.Context, order string) (Report, error) {
	p.mu.Lock()
	p.told++
	n := p.told
	p.mu.Unlock()
	if _, err := fmt.Fprintln(p.in, order); err != nil {
		return Report{}, fmt.Errorf("%s: %w", order, err)
	}
	r, _, err := p.Await(ctx, order, func(r Report) bool { return r.Done >= n })
	return r, err
}

// Kill ends the process at once, as kill -9 does.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Pause stops the process, as kill -STOP does. The error matches errors.ErrUnsupported where
// the system cannot.
func (p *Process) Pause() error { return pause(p.cmd.Process) }

// Wake lets the process go on.
func (p *Process) Wake() error { return wake(p.cmd.Process) }

// Leave tells the process to end by itself, and does not wait.
func (p *Process) Leave() { _ = p.in.Close() }

// Close ends the process, by itself if it does so within 30 seconds.
func (p *Process) Close() error {
	_ = p.Wake()
	p.Leave()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.Kill()
		return errors.New("a process did not end by itself within 30s, and was killed")
	}
	if r := p.Last(); r.Fault != "" {
		return errors.New(r.Fault)
	}
	return nil
}
