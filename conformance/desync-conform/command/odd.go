package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/kept"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/marked"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/silence"
)

type oddCommand struct {
	Subject    []string           `short:"s" placeholder:"NAME" help:"A correct subject to run, such as polled or reference/deque; may be given several times. Without it, the references and all that are odd."`
	Rule       []string           `short:"r" placeholder:"RULE" help:"A rule or a case to run alone; may be given several times."`
	Runs       int                `default:"20" placeholder:"N" help:"How often to run each (${default}), each time with the next seed."`
	HardRuns   int                `placeholder:"N" help:"How often to run the references, and those which were blamed before or are likely to be (combining, chain, polled, slow, slow-constructor); without it, as often as the others."`
	Hogs       int                `default:"0" placeholder:"N" help:"How many processes keep a processor busy meanwhile (${default})."`
	Parallel   int                `default:"1" placeholder:"N" help:"How many runs at a time (${default}). A run waits for much of its time, and is one more busy process to the others."`
	First      uint64             `default:"1" placeholder:"SEED" help:"The first seed (${default})."`
	Budget     conformance.Budget `enum:"short,full" default:"short" placeholder:"BUDGET" help:"The budget of a run: short or full (${default})."`
	Keep       string             `placeholder:"DIR" help:"Keep the result of each run in this directory, and take those that are there already: to go on after the command was broken off. They must be of the same program and flags."`
	Write      string             `placeholder:"FILE" help:"Put the table into the file, between the lines <!-- odd: ... --> and <!-- end of odd -->."`
	RaceBinary string             `placeholder:"FILE" help:"This command built with -race, for the rules about memory. A command that is built so needs no other."`
}

func (c *oddCommand) Validate() error {
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs=%d: must be at least 1", c.Runs)
	case c.HardRuns < 0:
		return fmt.Errorf("--hard-runs=%d: must not be negative", c.HardRuns)
	case c.Hogs < 0:
		return fmt.Errorf("--hogs=%d: must not be negative", c.Hogs)
	case c.Parallel < 1:
		return fmt.Errorf("--parallel=%d: must be at least 1", c.Parallel)
	case c.First < 1:
		return fmt.Errorf("--first=%d: must be at least 1", c.First)
	}
	return nil
}

// hard are the subjects for --hard-runs.
func hard(name string) bool {
	return strings.HasPrefix(name, "reference/") ||
		slices.Contains([]string{"odd/combining", "odd/chain", "odd/polled", "odd/slow", "odd/slow-constructor"}, name)
}

func (c *oddCommand) run(ctx context.Context, e *env) int {
	plan, err := c.plan(e)
	if err != nil {
		return e.usage("%v", err)
	}
	over, stop := context.WithCancel(ctx) // a check that is over before it begins looks at its options
	stop()
	if _, err := conformance.Check(over, e.subjects[0].Factory, conformance.WithRules(c.Rule...)); err != nil {
		return e.usage("%v; desync-conform rules lists the rules", shorter(err))
	}
	programs, err := (&runCommand{RaceBinary: c.RaceBinary}).programs()
	if err != nil {
		return e.usage("%v", err)
	}
	results, err := c.results(programs)
	if err != nil {
		return e.usage("--keep: %v", err)
	}
	dir, err := os.MkdirTemp("", "odd-")
	if err != nil {
		return e.usage("%v", err)
	}
	defer os.RemoveAll(dir)
	release, err := hogs(ctx, programs.plain, c.Hogs)
	if err != nil {
		return e.usage("the busy processes cannot be started: %v", err)
	}
	defer release()

	c.all(ctx, e, plan, func(subject string, seed uint64) (*conformance.Report, error) {
		name := fmt.Sprintf("%s-%d", strings.ReplaceAll(subject, "/", "-"), seed)
		return results.Once(ctx, name, func() (*conformance.Report, error) {
			return c.once(ctx, programs, subject, seed, filepath.Join(dir, name+".json"))
		})
	})
	code := exitConforms
	if silence.Failed(plan) {
		code = exitViolates
	}
	if ctx.Err() != nil {
		e.complain("broken off (%v)", context.Cause(ctx))
		code = worse(code, exitInconclusive)
	}
	table := silence.Table(plan, c.Hogs, c.Parallel)
	if c.Write != "" && ctx.Err() == nil {
		if err := marked.Replace(c.Write, "odd", "```text\n"+table+"```"); err != nil {
			e.complain("--write: %v", err)
			code = worse(code, exitInconclusive)
		}
	}
	return e.print(table, code)
}

// all makes the runs of a plan, some at a time, and counts them in its rows.
func (c *oddCommand) all(ctx context.Context, e *env, plan []silence.Row, once func(subject string, seed uint64) (*conformance.Report, error)) {
	bar := newMeter(e.stderr, plainInterval)
	defer bar.end()
	total, done := 0, 0
	for _, row := range plan {
		total += row.Planned
	}
	var mu sync.Mutex // of the rows and the bar
	var running sync.WaitGroup
	free := make(chan struct{}, c.Parallel)
	for i := range plan {
		row := &plan[i]
		for k := range uint64(row.Planned) {
			free <- struct{}{}
			running.Go(func() {
				defer func() { <-free }()
				if ctx.Err() != nil {
					return
				}
				report, err := once(row.Subject, c.First+k)
				mu.Lock()
				defer mu.Unlock()
				if ctx.Err() == nil { // else it was broken off
					row.Add(c.First+k, report, err)
				}
				done++
				bar.show(done, total, row.Subject)
			})
		}
	}
	running.Wait()
}

// plan returns a row for each subject that is to be run.
func (c *oddCommand) plan(e *env) (rows []silence.Row, err error) {
	for _, s := range e.subjects {
		correct := strings.HasPrefix(s.Name, "odd/") || strings.HasPrefix(s.Name, "reference/")
		named := slices.Contains(c.Subject, s.Name) || slices.Contains(c.Subject, strings.TrimPrefix(s.Name, "odd/"))
		if !correct || len(c.Subject) > 0 && !named {
			continue
		}
		runs := c.Runs
		if c.HardRuns > 0 && hard(s.Name) {
			runs = c.HardRuns
		}
		rows = append(rows, silence.Row{Subject: s.Name, Planned: runs})
	}
	for _, name := range c.Subject {
		if !slices.ContainsFunc(rows, func(r silence.Row) bool { return r.Subject == name || r.Subject == "odd/"+name }) {
			return nil, fmt.Errorf("unknown correct subject %q%s; desync-conform subjects lists them as odd/ and reference/", name, e.similar(name))
		}
	}
	return rows, nil
}

// results opens the directory that --keep names. A result rests on the program and on the
// flags that change a run.
func (c *oddCommand) results(p programs) (*kept.Runs, error) {
	if c.Keep == "" {
		return nil, nil
	}
	plain, err := kept.Sum(p.plain)
	if err != nil {
		return nil, err
	}
	race, err := kept.Sum(p.race)
	if err != nil {
		return nil, err
	}
	return kept.Open(c.Keep, fmt.Sprintf("program %s, race program %s, budget %s, rules %q, %d hogs, %d at a time",
		plain, race, c.Budget, c.Rule, c.Hogs, c.Parallel))
}
