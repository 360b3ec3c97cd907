package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// A process is a worker, as the parent sees it.
type process struct {
	cmd   *exec.Cmd
	in    io.Closer
	ended chan struct{}

	mu   sync.Mutex
	last report
	now  string // what it does: one of the words below
}

// What a worker does.
const (
	works   = "works"
	killed  = "KILLED"
	stopped = "STOPPED"
)

func start(c config) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(program), ended: make(chan struct{}), now: works}
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

func (p *process) read(out io.Reader) {
	for s := bufio.NewScanner(out); s.Scan(); {
		var r report
		if json.Unmarshal(s.Bytes(), &r) == nil {
			p.mu.Lock()
			p.last = r
			p.mu.Unlock()
		}
	}
	_ = p.cmd.Wait()
	close(p.ended)
}

// report returns the last one. A process that is killed has no partitions.
func (p *process) report() report {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.last
	if p.now == killed {
		r.Partitions = 0
	}
	return r
}

func (p *process) state() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *process) is(state string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = state
}

// kill is kill -9.
func (p *process) kill() {
	p.is(killed)
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// close ends the process, by itself if it does so in time.
func (p *process) close() {
	_ = wake(p.cmd.Process)
	_ = p.in.Close()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.kill()
	}
}

// until waits until a condition holds, a minute at most.
func until(ctx context.Context, what string, condition func() bool) error {
	for began := time.Now(); !condition(); {
		if time.Since(began) > time.Minute {
			return fmt.Errorf("%s: not after a minute", what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}
