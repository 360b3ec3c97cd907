package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// once checks a subject in a process of its own, as its users would, and returns the
// report.
func (c *oddCommand) once(ctx context.Context, p programs, subject string, seed uint64, file string) (*conformance.Report, error) {
	args := childArgs(subject, settings{Budget: c.Budget, Seed: seed, Watchdog: 30 * time.Second}, "")
	args = append(args, "--report="+file, "--race="+p.race)
	for _, id := range c.Rule {
		args = append(args, "--rule="+id)
	}
	out, err := exec.CommandContext(ctx, p.plain, args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("the run ended: %w\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	report := new(conformance.Report)
	return report, errors.Join(json.Unmarshal(data, report), os.Remove(file))
}

// whole is the other side of once.
func (c *childCommand) whole(ctx context.Context, e *env, s Subject) int {
	plain, err := os.Executable()
	if err != nil {
		return e.usage("%v", err)
	}
	args := childArgs(s.Name, c.settings, "")
	opts := append(c.options(), conformance.WithRules(c.Rule...), conformance.WithChild(append([]string{plain}, args...)...))
	if c.Race != "" {
		opts = append(opts, conformance.WithRaceChild(append([]string{c.Race}, args...)...))
	}
	report, err := conformance.Check(ctx, s.Factory, opts...)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return e.usage("%v", err)
	}
	data, err := json.Marshal(report)
	if err == nil {
		err = os.WriteFile(c.Report, data, 0o600)
	}
	if err != nil {
		return e.usage("%v", err)
	}
	return exitConforms
}

// hogs starts processes that keep a processor busy each, until release is called or this
// process ends.
func hogs(ctx context.Context, program string, n int) (release func(), err error) {
	var stop []func() error
	release = func() {
		for _, f := range stop {
			_ = f() // a hog has nothing to say
		}
	}
	for range n {
		cmd := exec.CommandContext(ctx, program, "child", "--hog")
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			release()
			return nil, err
		}
		stop = append(stop, in.Close, cmd.Wait)
	}
	return release, nil
}

// hog keeps a processor busy until its input ends, as it does when the process that
// started it does.
func hog(in io.Reader) int {
	go func() {
		_, _ = io.Copy(io.Discard, in)
		os.Exit(exitConforms)
	}()
	for n := 0; ; n++ { // which is work
	}
}
