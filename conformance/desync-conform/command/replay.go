package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/history"
)

type replayCommand struct {
	File    string   `arg:"" help:"A history that run --histories saved."`
	Subject string   `short:"s" placeholder:"NAME" help:"The subject to run the program on. Without it, the one that the history is of."`
	Peer    []string `arg:"" optional:"" passthrough:"" help:"The peer to run it on and its arguments, behind --. Without it, a subject."`
	Runs    int      `default:"20" placeholder:"N" help:"How often to run it (${default})."`
}

func (c *replayCommand) Validate() error {
	if c.Runs < 1 {
		return fmt.Errorf("--runs=%d: must be at least 1", c.Runs)
	}
	return nil
}

func (c *replayCommand) run(ctx context.Context, e *env) int {
	h, p, err := loadProgram(c.File)
	if err != nil {
		return e.usage("%v", err)
	}
	if len(c.Peer) > 0 {
		return c.onPeer(ctx, e, p)
	}
	s, err := c.subject(e, h)
	if err != nil {
		return e.usage("%v", err)
	}
	if _, err := conformance.Replay(ctx, s.Factory, p, 0); err != nil {
		return e.usage("%s: %s", c.File, shorter(err))
	}
	if s.Isolate {
		return c.apart(ctx, e, s)
	}
	return e.replay(ctx, s, p, c.Runs)
}

// loadProgram reads a history and its program.
func loadProgram(file string) (*history.History, *conformance.Program, error) {
	h, err := load(file)
	if err != nil {
		return nil, nil, err
	}
	if len(h.Program) == 0 {
		return nil, nil, fmt.Errorf("%s has no program to run again, only what happened; recheck judges it", file)
	}
	var p conformance.Program
	if err := json.Unmarshal(h.Program, &p); err != nil {
		return nil, nil, fmt.Errorf("%s: its program cannot be read: %w", file, err)
	}
	return h, &p, nil
}

// onPeer replays on a peer.
func (c *replayCommand) onPeer(ctx context.Context, e *env, p *conformance.Program) int {
	if c.Peer[0] == "--" {
		c.Peer = c.Peer[1:]
	}
	if len(c.Peer) == 0 {
		return e.usage("name the peer, as in: desync-conform replay FILE -- ./peer")
	}
	n, err := conformance.ReplayPeer(ctx, conformance.Peer{Command: c.Peer}, p, c.Runs)
	return e.replayed(p.Case, c.Peer[0], n, c.Runs, err)
}

// replay runs a program in this process.
func (e *env) replay(ctx context.Context, s Subject, p *conformance.Program, runs int) int {
	n, err := conformance.Replay(ctx, s.Factory, p, runs)
	return e.replayed(p.Case, s.Name, n, runs, err)
}

// replayed says what came of a replay.
func (e *env) replayed(id, name string, n, runs int, err error) int {
	text := fmt.Sprintf("%s on %s: reproduced %d of %d", id, name, n, runs)
	code := exitConforms
	switch {
	case n > 0:
		code = exitViolates
	case err != nil:
		code = exitInconclusive
	default:
		text += ", which does not show that it cannot happen"
	}
	if err != nil {
		e.complain("the replay was broken off: %s", shorter(err))
		text += "; PARTIAL: not all of the runs were made"
	}
	return e.print(text+"\n", code)
}

// apart replays in a child process, which the subject may end.
func (c *replayCommand) apart(ctx context.Context, e *env, s Subject) int {
	program, err := os.Executable()
	if err != nil {
		return e.usage("%v", err)
	}
	cmd := exec.CommandContext(ctx, program, "child", "--subject="+s.Name, "--replay="+c.File, "--runs="+strconv.Itoa(c.Runs))
	cmd.Stdout, cmd.Stderr = e.stdout, e.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 800 * time.Millisecond
	err = cmd.Run()
	switch code := cmd.ProcessState.ExitCode(); {
	case cmd.ProcessState == nil:
		return e.usage("no child process: %v", err)
	case code == exitConforms || code == exitViolates || code == exitInconclusive:
		return code
	case ctx.Err() != nil:
		return e.print(fmt.Sprintf("%s on %s: PARTIAL: the replay was broken off\n", c.File, s.Name), exitInconclusive)
	}
	return e.print(fmt.Sprintf("%s on %s: the subject ended the process (%v)\n", c.File, s.Name, err), exitViolates)
}

// subject returns the one to run on.
func (c *replayCommand) subject(e *env, h *history.History) (Subject, error) {
	if c.Subject != "" {
		return e.subject(c.Subject)
	}
	for _, s := range e.subjects {
		if i := s.Factory.Info; h.Implementation == strings.TrimSpace(i.Name+" "+i.Version) {
			return s, nil
		}
	}
	return Subject{}, fmt.Errorf("%s is a history of %q, which is no subject of this command; name one with --subject (desync-conform subjects lists them)", c.File, h.Implementation)
}
