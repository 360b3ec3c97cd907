package command

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/known"
)

// toolsMissing names a tool that is not there, or is "".
func toolsMissing(p peerEntry) string {
	for _, tool := range p.Tools {
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// kept returns what is kept of a peer, or judges it and keeps that.
func (c *peersCommand) kept(ctx context.Context, e *env, p peerEntry) (r peerResult, err error) {
	if c.Keep == "" {
		return c.judge(ctx, e, p), nil
	}
	file := filepath.Join(c.Keep, strings.Map(func(r rune) rune {
		if r == '/' || r == ' ' {
			return '-'
		}
		return r
	}, p.Name)+".json")
	if data, err := os.ReadFile(file); err == nil {
		r.entry = p
		return r, json.Unmarshal(data, &r)
	}
	r = c.judge(ctx, e, p)
	data, err := json.Marshal(r)
	if err == nil && ctx.Err() == nil {
		err = errors.Join(os.MkdirAll(c.Keep, 0o777), os.WriteFile(file, data, 0o666))
	}
	return r, err
}

// build makes a peer, or says why it cannot be.
func (c *peersCommand) build(ctx context.Context, e *env, p peerEntry) (notBuilt string) {
	if tool := toolsMissing(p); tool != "" {
		return tool + " is not there"
	}
	for _, line := range p.Build {
		limited, cancel := context.WithTimeout(ctx, 15*time.Minute)
		cmd := exec.CommandContext(limited, "sh", "-c", line)
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		cancel()
		if err != nil {
			e.complain("%s: %s: %v\n%s", p.Name, line, err, bytes.TrimSpace(out[max(0, len(out)-2000):]))
			return whyNot(string(out), err)
		}
	}
	return ""
}

// judge does all that is to be done with a peer.
func (c *peersCommand) judge(ctx context.Context, e *env, p peerEntry) (r peerResult) {
	r.entry = p
	switch {
	case c.Build != "never":
		r.NotBuilt = c.build(ctx, e, p)
	case toolsMissing(p) != "":
		r.NotBuilt = toolsMissing(p) + " is not there"
	}
	if r.NotBuilt != "" || c.Build == "only" {
		return r
	}
	x := execCommand{settings: c.settings, Start: time.Minute, Command: p.Run}
	if p.Selftest {
		var out bytes.Buffer
		quiet := *e
		quiet.stdout = &out
		r.Selftest = "passes"
		if code := x.selftest(ctx, &quiet); code != exitConforms {
			r.Selftest = "**fails**"
			r.Faults = append(r.Faults, "the self-test of its library fails:\n"+out.String())
		}
	}
	progress := newProgress(e.stderr, p.Name, false, plainInterval)
	report, err := conformance.CheckPeer(ctx, x.peer(), x.options(progress.tell)...)
	progress.end()
	if err != nil {
		r.Faults = append(r.Faults, err.Error())
		return r
	}
	r.Report = report
	if ctx.Err() != nil {
		r.Faults = append(r.Faults, context.Cause(ctx).Error())
	}
	return r
}

// whyNot is the reason in the output of a build that failed: the first line that speaks of an
// error, or the last one.
func whyNot(out string, err error) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(strings.ToLower(l), "error") }); i >= 0 {
		return lines[i]
	}
	return cmp.Or(lines[len(lines)-1], err.Error())
}

// compare says where the report differs from the list of known failures.
func (r peerResult) compare() []string {
	if r.Report == nil {
		return nil
	}
	list, err := r.known()
	if err != nil {
		return []string{err.Error()}
	}
	return list.Compare(r.Report).Faults
}

func (r peerResult) known() (list known.List, err error) {
	if r.entry.Known == "" {
		return nil, nil
	}
	data, err := os.ReadFile(r.entry.Known)
	if err != nil {
		return nil, err
	}
	if list, err = known.Parse(string(data)); err != nil {
		err = fmt.Errorf("%s: %w", r.entry.Known, err)
	}
	return list, err
}
