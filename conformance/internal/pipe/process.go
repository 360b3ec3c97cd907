package pipe

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// A Process is a peer that runs.
type Process struct {
	In   *os.File // its standard input
	Out  *os.File // its standard output
	Done <-chan struct{}

	cmd    *exec.Cmd
	errors *os.File
	err    error // once Done is closed

	mu   sync.Mutex
	tail []byte // of its standard error
	said chan struct{}
}

// drained is how long the output of a process is read that has ended: another process may
// hold the other end open.
const drained = 200 * time.Millisecond

// Start starts a command, as the first process of a group of its own.
func Start(argv []string, env []string) (*Process, error) {
	var files []*os.File
	open := func() (r, w *os.File, err error) {
		r, w, err = os.Pipe()
		files = append(files, r, w)
		return r, w, err
	}
	inR, inW, err1 := open()
	outR, outW, err2 := open()
	errR, errW, err3 := open()
	if err := errors.Join(err1, err2, err3); err != nil {
		closeAll(files)
		return nil, err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = inR, outW, errW
	cmd.Env = append(os.Environ(), env...)
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		closeAll(files)
		return nil, err
	}
	closeAll([]*os.File{inR, outW, errW})
	done := make(chan struct{})
	p := &Process{In: inW, Out: outR, Done: done, cmd: cmd, errors: errR, said: make(chan struct{})}
	go p.drain()
	go func() {
		p.err = cmd.Wait()
		until := time.Now().Add(drained)
		_ = outR.SetReadDeadline(until)
		_ = errR.SetReadDeadline(until)
		close(done)
	}()
	return p, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

// mostTail is how much of the standard error is kept, its end.
const mostTail = 64 << 10

// drain reads the standard error for as long as there is some: a peer must not wait for
// somebody to read it.
func (p *Process) drain() {
	defer close(p.said)
	buf := make([]byte, 32<<10)
	for {
		n, err := p.errors.Read(buf)
		p.mu.Lock()
		p.tail = append(p.tail, buf[:n]...)
		if len(p.tail) > 2*mostTail {
			p.tail = append(p.tail[:0], p.tail[len(p.tail)-mostTail:]...)
		}
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Stderr returns the end of what the process has written to its standard error.
func (p *Process) Stderr() string {
	select {
	case <-p.Done:
		<-p.said
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.tail[max(0, len(p.tail)-mostTail):])
}

// End says how the process ended. It may be called once Done is closed.
func (p *Process) End() error { return p.err }

// PID returns its number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process and those of its group, and waits for the end.
func (p *Process) Kill() {
	killGroup(p.cmd)
	<-p.Done
	<-p.said
	closeAll([]*os.File{p.In, p.Out, p.errors})
}

// Leave closes the standard input and gives the process some time to end by itself. Then
// it kills what is left of its group. It reports whether the process had ended.
func (p *Process) Leave(patience time.Duration) (ended bool) {
	_ = p.In.Close()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.Done:
		ended = true
	case <-timer.C:
	}
	p.Kill()
	return ended
}

// Ended describes how a process ended.
func Ended(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return fmt.Sprint(err)
}
