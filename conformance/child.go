package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The environment of a child process. It runs one case and leaves the result in a
// file. Before that it makes another, so that a process which ends in the middle of a
// case is told from one that never began it.
const (
	childCase    = "DESYNC_CONFORM_CASE"
	childSubject = "DESYNC_CONFORM_SUBJECT"
	childResult  = "DESYNC_CONFORM_RESULT"
	childCalm    = "DESYNC_CONFORM_CALM" // see subject.calm
	childBegan   = ".began"              // after the name of the result
)

// runChild runs a case in a child process.
func (s *subject) runChild(ctx context.Context, c testCase, argv []string) CaseResult {
	res := CaseResult{Case: c.id(), Rule: c.rule, Verdict: Fail}
	unable := func(err error) CaseResult {
		res.Verdict, res.Detail = NotRun, fmt.Sprintf("no child process: %v", err)
		return res
	}
	dir, err := os.MkdirTemp("", "conform-")
	if err != nil {
		return unable(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "result.json")

	// A child supervises its case itself. The rest is for starting, and building, it.
	limited, cancel := context.WithTimeout(ctx, 20*s.scaled(s.o.watchdog)+2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(limited, argv[0], argv[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(),
		childCase+"="+c.id(), childSubject+"="+s.f.Info.Name, childResult+"="+file, childCalm+"="+s.calm,
		"GORACE=halt_on_error=1 exitcode=66 atexit_sleep_ms=0", "GOTRACEBACK=single")
	end := outcome{err: cmd.Run()}
	end.output = tail(out.String())

	var started *exec.ExitError
	_, notBegun := os.Stat(file + childBegan)
	switch data, err := os.ReadFile(file); {
	case ctx.Err() != nil:
		res.Verdict, res.Detail = NotRun, fmt.Sprintf("the run was broken off: %v", context.Cause(ctx))
	case end.err != nil && !errors.As(end.err, &started):
		return unable(end.err)
	case notBegun != nil:
		return unable(fmt.Errorf("it ended (%s) before it began the case; does it call Check or Run with the same Factory?\n%s", end, end.output))
	case limited.Err() != nil:
		res.Failure = childFailure(c, "the case ends", "its process had to be killed", end)
	case strings.Contains(end.output, "WARNING: DATA RACE"):
		res.Failure = childFailure(c, "no data race", "the race detector found one", end)
	case err == nil:
		if err := json.Unmarshal(data, &res); err != nil {
			return unable(fmt.Errorf("its result cannot be read: %w", err))
		}
	case end.err != nil && !started.Exited() && c.judge == nil:
		return unable(fmt.Errorf("somebody ended it: %s", end)) // the kernel, for want of memory
	case c.judge == nil:
		res.Failure = childFailure(c, "the process lives until the case has ended", "it ended: "+end.String(), end)
	default:
		if what := c.judge(end); what != "" {
			res.Failure = childFailure(c, "what the rule says", what, end)
		} else {
			res.Verdict = Pass
		}
	}
	return res
}

func childFailure(c testCase, expected, happened string, end outcome) *Failure {
	return &Failure{
		Rule:    c.rule,
		Message: fmt.Sprintf("%s: expected: %s\n  happened: %s", c.rule, expected, happened),
		Output:  end.output,
	}
}

// tail keeps the beginning and the end of what a child wrote.
func tail(s string) string {
	const most = 16 << 10
	if len(s) <= most {
		return s
	}
	return s[:most/2] + "\n...\n" + s[len(s)-most/2:]
}

// inChild reports whether this process is a child, which case it is to run, and
// whether f is the implementation to run it on.
func inChild(f Factory) (id string, child, ours bool) {
	id = os.Getenv(childCase)
	return id, id != "", os.Getenv(childSubject) == f.Info.Name
}
