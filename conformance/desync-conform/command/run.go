package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
)

type runCommand struct {
	settings
	Subject    []string          `short:"s" placeholder:"NAME" help:"A subject to check; may be given several times. Without it, all but the mutants."`
	Rule       []string          `short:"r" placeholder:"RULE" help:"A rule, or a case such as ORD-1/queue, to check alone; may be given several times. The report is then partial."`
	Skip       map[string]string `mapsep:"none" placeholder:"RULE=REASON" help:"A rule or case to leave out, and why; may be given several times."`
	For        time.Duration     `placeholder:"TIME" help:"With --budget=soak, how long a subject may take."`
	RaceBinary string            `placeholder:"FILE" help:"This command built with -race, which then runs the rules about memory. A command that is built so needs no other."`

	reportFlags

	Verbose bool `short:"v" help:"Write a line for each case."`
}

func (c *runCommand) Validate() error {
	if c.For < 0 || c.For > 0 && c.Budget != conformance.Soak {
		return fmt.Errorf("--for=%v: it takes a positive time, and goes with --budget=soak alone", c.For)
	}
	return nil
}

func (c *runCommand) run(ctx context.Context, e *env) int {
	subjects, err := c.subjects(e)
	if err != nil {
		return e.usage("%v", err)
	}
	program, err := c.programs()
	if err != nil {
		return e.usage("%v", err)
	}
	// A check that is over before it begins says what is wrong with the options.
	over, stop := context.WithCancel(ctx)
	stop()
	for _, s := range subjects {
		if _, err := conformance.Check(over, s.Factory, c.optionsOf(s, program, nil)...); err != nil {
			return e.usage("%s: %v; desync-conform rules lists the rules", s.Name, shorter(err))
		}
	}
	files, err := c.open()
	if err != nil {
		return e.usage("%v", err)
	}
	defer files.close()

	code := exitConforms
	var reports []*conformance.Report
	for _, s := range subjects {
		begun := ctx.Err() == nil
		report, err := c.check(ctx, e, s, program)
		if err != nil {
			return e.usage("%s: %v", s.Name, shorter(err))
		}
		reports = append(reports, report)
		code = worse(code, codeOf(report))
		if err := c.pages(s.Name, report); err != nil {
			e.complain("%v", err)
			code = worse(code, exitInconclusive)
		}
		summary := output.Conclusion(report) + "\n"
		if begun {
			summary = output.Summary(report)
		}
		code = e.print(summary, code)
	}
	for _, err := range files.write(reports) {
		e.complain("%v", err)
		code = worse(code, exitInconclusive)
	}
	return code
}

// subjects returns those that are to be checked.
func (c *runCommand) subjects(e *env) (chosen []Subject, err error) {
	for _, name := range c.Subject {
		s, err := e.subject(name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(chosen, func(t Subject) bool { return t.Name == name }) {
			chosen = append(chosen, s)
		}
	}
	if len(c.Subject) == 0 {
		for _, s := range e.subjects {
			if !s.Extra {
				chosen = append(chosen, s)
			}
		}
	}
	return chosen, nil
}

// programs are the executables of child processes.
type programs struct{ plain, race string }

func (c *runCommand) programs() (p programs, err error) {
	if p.plain, err = os.Executable(); err != nil {
		return p, fmt.Errorf("this program does not know its own file, and cannot start child processes: %w", err)
	}
	if c.RaceBinary != "" {
		info, err := os.Stat(c.RaceBinary)
		switch {
		case err != nil:
			return p, fmt.Errorf("--race-binary: %w", err)
		case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
			return p, fmt.Errorf("--race-binary: %s is not an executable file", c.RaceBinary)
		}
		if p.race, err = filepath.Abs(c.RaceBinary); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (c *runCommand) optionsOf(s Subject, p programs, each func(conformance.CaseResult)) []conformance.Option {
	histories := c.historiesOf(s.Name)
	args := childArgs(s.Name, c.settings, histories)
	opts := append(c.options(), conformance.WithRules(c.Rule...), conformance.WithChild(append([]string{p.plain}, args...)...))
	for id, reason := range c.Skip {
		opts = append(opts, conformance.WithSkip(id, reason))
	}
	if p.race != "" {
		opts = append(opts, conformance.WithRaceChild(append([]string{p.race}, args...)...))
	}
	if s.Isolate {
		opts = append(opts, conformance.WithIsolation())
	}
	if histories != "" {
		opts = append(opts, conformance.WithHistories(histories))
	}
	if each != nil {
		opts = append(opts, conformance.WithProgress(each))
	}
	return opts
}

// check checks a subject.
func (c *runCommand) check(ctx context.Context, e *env, s Subject, p programs) (*conformance.Report, error) {
	run := ctx
	if c.For > 0 {
		var cancel context.CancelFunc
		run, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	progress := newProgress(e.stderr, s.Name, c.Verbose, plainInterval)
	report, err := conformance.Check(run, s.Factory, c.optionsOf(s, p, progress.tell)...)
	progress.end()
	if err != nil {
		return nil, err
	}
	if run.Err() != nil {
		markBrokenOff(report, context.Cause(run))
	}
	c.again(s, report)
	return report, nil
}

// markBrokenOff makes a report partial if anything in it did not run. That the
// report is whole in its core is not enough when the rest was never tried.
func markBrokenOff(r *conformance.Report, cause error) {
	if !slices.ContainsFunc(r.Rules, func(r conformance.RuleResult) bool { return r.Verdict == conformance.NotRun }) {
		return
	}
	r.Partial = true
	r.Because = append([]string{fmt.Sprintf("the run was broken off: %v", cause)}, r.Because...)
	if r.Verdict == conformance.Pass {
		r.Verdict = conformance.Inconclusive
	}
}

// again says of each failure which command runs its case again.
func (c *runCommand) again(s Subject, r *conformance.Report) {
	for i := range r.Rules {
		for j := range r.Rules[i].Cases {
			if f := r.Rules[i].Cases[j].Failure; f != nil {
				f.Again = fmt.Sprintf("desync-conform run --subject=%s --rule=%s --seed=%d --budget=%s",
					s.Name, r.Rules[i].Cases[j].Case, c.Seed, c.Budget)
			}
		}
	}
}

func codeOf(r *conformance.Report) int {
	switch r.Verdict {
	case conformance.Pass:
		return exitConforms
	case conformance.Fail:
		return exitViolates
	}
	return exitInconclusive
}

// worse returns the code that says less good of the subjects: a violation is
// one whatever else is unknown.
func worse(a, b int) int {
	for _, code := range []int{exitUsage, exitViolates, exitInconclusive} {
		if a == code || b == code {
			return code
		}
	}
	return exitConforms
}

func shorter(err error) string { return strings.TrimPrefix(err.Error(), "conformance: ") }
