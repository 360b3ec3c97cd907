package conformance

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// Check checks an implementation and returns the report. The error says what is
// wrong with the factory or an option (an unknown rule, a skip without a reason);
// a violated rule is not an error. A case that could not be decided is tried once more at
// the end, alone. If ctx ends, what has not run by then reads not-run, and the report is
// partial.
//
// Check changes GOMAXPROCS while it works and looks at all goroutines of the
// process, so nothing else should run beside it. In a child process (see
// [WithChild]) it does not return for the implementation that the process was
// started for, and runs nothing for another one.
func Check(ctx context.Context, f Factory, opts ...Option) (*Report, error) {
	r, err := newRunner(suite(), f, opts)
	if err != nil {
		return nil, err
	}
	if id, child, ours := inChild(f); ours {
		r.serve(ctx, id)
	} else if child {
		r.dead = "this process is to run a case on another implementation"
	} else {
		r.witness = startWitness(r.subject)
		defer r.witness.dismiss()
	}
	return r.check(ctx), nil
}

// check runs all cases and returns the report.
func (r *runner) check(ctx context.Context) *Report {
	if r.o.budget == Soak {
		r.deadline, _ = ctx.Deadline()
	}
	rep := &Report{
		Schema:         1,
		Implementation: r.f.Info,
		Environment: Environment{
			Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
			CPUs: runtime.NumCPU(), GOMAXPROCS: runtime.GOMAXPROCS(0),
			Race: raceEnabled, Slowdown: r.slowdown,
		},
		Budget: r.o.budget, Seed: r.o.seed, Started: time.Now().UTC(),
	}
	for _, rule := range r.rules {
		rep.Rules = append(rep.Rules, r.judgeRule(ctx, rule, func(CaseResult) {}))
	}
	r.tryAgain(ctx, rep.Rules, func(Rule, CaseResult) {})
	rep.Duration = time.Since(rep.Started)
	if r.broken != nil {
		rep.Partial = true
		rep.Because = append(rep.Because, fmt.Sprintf("the run was broken off: %v", r.broken))
	}
	rep.sum()
	return rep
}
