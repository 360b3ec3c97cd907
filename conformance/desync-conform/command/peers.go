package command

import (
	"bytes"
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
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/marked"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
)

// peersCommand builds, self-tests and judges the peers of a directory.
type peersCommand struct {
	settings
	Dir   string   `default:"../peers" placeholder:"DIR" help:"The directory with peers.json (${default})."`
	Only  []string `placeholder:"NAME" help:"A peer of the list; may be given several times. Without it, all."`
	Write bool     `help:"Write the table in README.md of the directory."`
	Keep  string   `placeholder:"DIR" help:"Keep there what came of each peer, and take what is there as it is."`
	Need  []string `placeholder:"NAME" help:"A peer that must be built if its tools are there; else a peer that is not built is passed over."`
}

// A peerEntry is a peer of the list.
type peerEntry struct {
	Name     string   `json:"name"`
	Tools    []string `json:"tools"`              // programs that must be there
	Build    []string `json:"build"`              // commands of the shell, in the directory
	Run      []string `json:"run"`                // the peer, in the directory
	Selftest bool     `json:"selftest,omitempty"` // it is built on a library that has one
	Known    string   `json:"known,omitempty"`    // the list of cases that are known to fail
}

// A peerResult is what came of a peer.
type peerResult struct {
	entry    peerEntry
	NotBuilt string              `json:"notBuilt,omitempty"`
	Selftest string              `json:"selftest,omitempty"`
	Report   *conformance.Report `json:"report,omitempty"`
	Faults   []string            `json:"faults,omitempty"`
}

func (c *peersCommand) run(ctx context.Context, e *env) int {
	dir, err := filepath.Abs(c.Dir)
	if err == nil && c.Keep != "" {
		c.Keep, err = filepath.Abs(c.Keep)
	}
	if err != nil {
		return e.usage("%v", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "peers.json"))
	var all []peerEntry
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return e.usage("peers.json: %v", err)
	}
	if err := os.Chdir(dir); err != nil { // the commands are those of the directory
		return e.usage("%v", err)
	}
	code := exitConforms
	var results []peerResult
	for _, p := range all {
		if len(c.Only) > 0 && !slices.Contains(c.Only, p.Name) {
			continue
		}
		r, err := c.kept(ctx, e, p)
		if err != nil {
			return e.usage("%v", err)
		}
		results = append(results, r)
		if r.NotBuilt != "" && slices.Contains(c.Need, p.Name) && toolsMissing(p) == "" {
			r.Faults = append(r.Faults, "its tools are there, and it is not built")
		}
		for _, fault := range r.Faults {
			code = worse(code, exitViolates)
			e.complain("%s: %s", p.Name, fault)
		}
	}
	table := peerTable(results)
	if c.Write && code == exitConforms && len(c.Only) == 0 {
		if err := marked.Replace("README.md", "peers", table); err != nil {
			return e.usage("README.md: %v", err)
		}
	}
	return e.print(table, code)
}

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
	if err == nil {
		err = errors.Join(os.MkdirAll(c.Keep, 0o777), os.WriteFile(file, data, 0o666))
	}
	return r, err
}

// judge does all that is to be done with a peer.
func (c *peersCommand) judge(ctx context.Context, e *env, p peerEntry) (r peerResult) {
	r.entry = p
	if tool := toolsMissing(p); tool != "" {
		r.NotBuilt = tool + " is not there"
		return r
	}
	for _, line := range p.Build {
		limited, cancel := context.WithTimeout(ctx, 15*time.Minute)
		cmd := exec.CommandContext(limited, "sh", "-c", line)
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		cancel()
		if err != nil {
			r.NotBuilt = fmt.Sprintf("%s: %v", line, err)
			e.complain("%s: %s: %v\n%s", p.Name, line, err, bytes.TrimSpace(out[max(0, len(out)-2000):]))
			return r
		}
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
	var list known.List
	if p.Known != "" {
		data, err := os.ReadFile(p.Known)
		if err == nil {
			list, err = known.Parse(string(data))
		}
		if err != nil {
			r.Faults = append(r.Faults, fmt.Sprintf("%s: %v", p.Known, err))
		}
	}
	r.Faults = append(r.Faults, list.Compare(report).Faults...)
	if ctx.Err() != nil {
		r.Faults = append(r.Faults, errors.Join(ctx.Err()).Error())
	}
	return r
}

// peerTable is the table of README.md.
func peerTable(results []peerResult) string {
	var b strings.Builder
	b.WriteString("| peer | language | version | programs | histories | self-test |\n|---|---|---|---|---|---|\n")
	var reports []*conformance.Report
	for _, r := range results {
		if r.Report == nil {
			why := r.NotBuilt
			if why == "" {
				why = "not judged"
			} else {
				why = "not built: " + why
			}
			fmt.Fprintf(&b, "| %s | | | %s | | %s |\n", r.entry.Name, why, r.Selftest)
			continue
		}
		histories := 0
		for _, rule := range r.Report.Rules {
			for _, c := range rule.Cases {
				histories += c.Histories
			}
		}
		reports = append(reports, r.Report)
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s | %d | %s |\n", r.entry.Name, r.Report.Peer.Language, r.Report.Peer.Runtime,
			r.Report.Implementation.Version, r.Report.Peer.Programs, histories, r.Selftest)
	}
	b.WriteString("\n")
	_ = output.Table(&b, reports)
	for _, r := range results {
		if r.Report == nil {
			continue
		}
		for _, rule := range r.Report.Rules {
			if rule.Verdict == conformance.Fail {
				fmt.Fprintf(&b, "\n`desync-conform exec --rule=%s -- %s`: %s\n", rule.Rule, strings.Join(r.entry.Run, " "), rule.Detail)
			}
		}
	}
	return b.String()
}
