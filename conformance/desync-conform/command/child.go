package command

import (
	"context"
	"strconv"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// settings are the options of a check that its child processes must share.
type settings struct {
	Budget   conformance.Budget `enum:"short,full,soak" default:"short" placeholder:"BUDGET" help:"How much time a subject may take: short (seconds), full (about a minute) or soak (${default})."`
	Seed     uint64             `default:"1" placeholder:"N" help:"Seed of the random programs (${default}). It repeats the programs, not the scheduler's choices."`
	Watchdog time.Duration      `default:"30s" placeholder:"TIME" help:"How long a case may go without an end, on an idle machine (${default})."`
}

func (s settings) options() []conformance.Option {
	return []conformance.Option{
		conformance.WithBudget(s.Budget), conformance.WithSeed(s.Seed), conformance.WithWatchdog(s.Watchdog),
	}
}

// childArgs are the arguments with which a program with the same subjects does
// what childCommand does.
func childArgs(subject string, s settings, histories string) []string {
	return []string{
		"child", "--subject=" + subject, "--budget=" + string(s.Budget), "--seed=" + strconv.FormatUint(s.Seed, 10),
		"--watchdog=" + s.Watchdog.String(), "--histories=" + histories,
	}
}

// childCommand is what a child process does: a case of a check, or a replay.
type childCommand struct {
	settings
	Subject   string
	Histories string
	Replay    string
	Runs      int
	Hog       bool   // keep a processor busy until the standard input ends
	Report    string // check the subject as a whole, and write the report to this file
	Race      string // the command built with -race, for that
	Rule      []string
}

func (c *childCommand) run(ctx context.Context, e *env) int {
	if c.Hog {
		return hog(e.stdin)
	}
	s, err := e.subject(c.Subject)
	if err != nil {
		return e.usage("%v", err)
	}
	if c.Replay != "" {
		_, p, err := loadProgram(c.Replay)
		if err != nil {
			return e.usage("%v", err)
		}
		return e.replay(ctx, s, p, c.Runs)
	}
	if c.Report != "" {
		return c.whole(ctx, e, s)
	}
	opts := c.options()
	if c.Histories != "" {
		opts = append(opts, conformance.WithHistories(c.Histories))
	}
	// In a child process Check ends the process itself.
	if _, err := conformance.Check(ctx, s.Factory, opts...); err != nil {
		return e.usage("%v", err)
	}
	return e.usage("child is what desync-conform runs by itself, not a command to be used; run desync-conform --help for what it takes")
}
