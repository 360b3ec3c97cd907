package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/known"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
)

// execCommand checks a program that speaks the protocol of PROTOCOL.md.
type execCommand struct {
	settings
	reportFlags
	Rule     []string          `short:"r" placeholder:"RULE" help:"A rule, or a case such as ORD-1/queue, to check alone; may be given several times. The report is then partial."`
	Skip     map[string]string `mapsep:"none" placeholder:"RULE=REASON" help:"A rule or case to leave out, and why; may be given several times."`
	Known    string            `placeholder:"FILE" help:"A list of cases that fail, a line for each: the case and a reason, or ~ before the case if it does not fail every time. Other failures, and a case of the list that passes, make the exit code 1."`
	FixKnown bool              `help:"Write the list of --known as it should be. Reasons are kept."`
	Selftest bool              `help:"Check the recorder of the peer's library on queues that are wrong on purpose, and not the peer."`
	RaceExec string            `placeholder:"COMMAND" help:"The peer, built with a race detector that ends it with exit code 66. The rules about memory need it. It is split at spaces."`
	Start    time.Duration     `default:"20s" placeholder:"TIME" help:"How long the peer may take until it says hello (${default})."`
	Strict   bool              `help:"Take an unknown field in a message as a breach of the protocol."`
	Verbose  bool              `short:"v" help:"Write a line for each case."`
	Command  []string          `arg:"" passthrough:"" help:"The peer and its arguments, behind --."`
}

func (c *execCommand) Validate() error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	switch {
	case len(c.Command) == 0:
		return errors.New("name the peer, as in: desync-conform exec -- ./peer")
	case c.Start <= 0:
		return fmt.Errorf("--start=%v: must be positive", c.Start)
	case c.FixKnown && c.Known == "":
		return errors.New("--fix-known needs --known, the file to write")
	case c.FixKnown && (len(c.Rule) > 0 || len(c.Skip) > 0):
		return errors.New("--fix-known needs a run of all rules: it goes without --rule and --skip")
	}
	return nil
}

func (c *execCommand) peer() conformance.Peer {
	return conformance.Peer{Command: c.Command, Race: strings.Fields(c.RaceExec), Start: c.Start, Strict: c.Strict}
}

// name is that of the peer for files and for progress.
func (c *execCommand) name() string {
	return strings.TrimSuffix(filepath.Base(c.Command[0]), filepath.Ext(c.Command[0]))
}

func (c *execCommand) run(ctx context.Context, e *env) int {
	if c.Selftest {
		return c.selftest(ctx, e)
	}
	list, err := c.known()
	if err != nil {
		return e.usage("%v", err)
	}
	files, err := c.open()
	if err != nil {
		return e.usage("%v", err)
	}
	defer files.close()
	progress := newProgress(e.stderr, c.name(), c.Verbose, plainInterval)
	report, err := conformance.CheckPeer(ctx, c.peer(), c.options(progress.tell)...)
	progress.end()
	var broke *conformance.PeerError
	switch {
	case errors.As(err, &broke):
		e.complain("%v", err)
		return exitInconclusive
	case err != nil:
		return e.usage("%s", shorter(err))
	}
	if ctx.Err() != nil {
		markBrokenOff(report, context.Cause(ctx))
	}
	c.again(report)
	code := codeOf(report)
	if err := c.pages(c.name(), report); err != nil {
		e.complain("%v", err)
		code = worse(code, exitInconclusive)
	}
	summary := output.Summary(report) + undecided(report)
	if c.Known != "" {
		var said string
		if said, code, err = c.compare(list, report); err != nil {
			e.complain("%v", err)
			code = worse(code, exitInconclusive)
		}
		summary += said
	}
	code = e.print(summary, code)
	for _, err := range files.write([]*conformance.Report{report}) {
		e.complain("%v", err)
		code = worse(code, exitInconclusive)
	}
	return code
}

func (c *execCommand) options(each func(conformance.CaseResult)) []conformance.Option {
	opts := append(c.settings.options(), conformance.WithRules(c.Rule...), conformance.WithProgress(each))
	for id, reason := range c.Skip {
		opts = append(opts, conformance.WithSkip(id, reason))
	}
	if dir := c.historiesOf(c.name()); dir != "" {
		opts = append(opts, conformance.WithHistories(dir))
	}
	return opts
}

// again says of each failure which command runs its case again.
func (c *execCommand) again(r *conformance.Report) {
	for i := range r.Rules {
		for j := range r.Rules[i].Cases {
			if f := r.Rules[i].Cases[j].Failure; f != nil {
				f.Again = fmt.Sprintf("desync-conform exec --rule=%s --seed=%d --budget=%s -- %s",
					r.Rules[i].Cases[j].Case, c.Seed, c.Budget, strings.Join(c.Command, " "))
			}
		}
	}
}

// undecided says in full why cases could not be decided.
func undecided(r *conformance.Report) string {
	var b strings.Builder
	for _, rule := range r.Rules {
		for _, c := range rule.Cases {
			if c.Verdict == conformance.Inconclusive {
				fmt.Fprintf(&b, "\n%s is inconclusive: %s\n", c.Case, c.Detail)
			}
		}
	}
	return b.String()
}

// known reads the list of known failures.
func (c *execCommand) known() (known.List, error) {
	if c.Known == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.Known)
	if errors.Is(err, os.ErrNotExist) && c.FixKnown {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--known: %w", err)
	}
	list, err := known.Parse(string(data))
	if err != nil {
		return nil, fmt.Errorf("--known: %s: %w", c.Known, err)
	}
	return list, nil
}

// compare compares a report with the list, or writes the list.
func (c *execCommand) compare(list known.List, r *conformance.Report) (said string, code int, err error) {
	if c.FixKnown {
		if r.Partial || r.Verdict == conformance.Inconclusive {
			return "", exitInconclusive, errors.New("--fix-known: the run is partial or inconclusive, and the list is left as it is")
		}
		fixed := list.Fixed(r)
		if err := os.WriteFile(c.Known, []byte(fixed.String()), 0o666); err != nil {
			return "", exitInconclusive, err
		}
		return fmt.Sprintf("\n%s lists %d cases that fail\n", c.Known, len(fixed)), exitConforms, nil
	}
	d := list.Compare(r)
	switch {
	case len(d.Faults) > 0:
		code = exitViolates
	case r.Partial || d.Open:
		code = exitInconclusive
	}
	return d.String(), code, nil
}
