package conformance

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// A runner is one run of the suite on one implementation.
type runner struct {
	*subject
	rules   []checkedRule
	again   func(testCase) string // how to run a case again
	witness *witness              // says which case ran if this process ends

	calmAsked bool // calm is known

	broken error       // why the run was broken off
	dead   string      // why no case can be run
	leak   *CaseResult // the first goroutine left over after a case
	behind bool        // a case has left behind what hangs: it may go on, and start goroutines, during any other

	progress sync.Mutex
}

func newRunner(rules []checkedRule, f Factory, opts []Option) (*runner, error) {
	r := &runner{rules: rules, subject: &subject{f: f, o: options{budget: Short, seed: 1, watchdog: 30 * time.Second}}}
	for _, opt := range opts {
		opt(&r.o)
	}
	r.again = func(c testCase) string {
		return fmt.Sprintf("run it again with the rule %q, the seed %d and the budget %q", c.id(), r.o.seed, r.o.budget)
	}
	if err := valid(rules, f, r.o); err != nil {
		return nil, err
	}
	r.slowdown = calibrate()
	r.before = standstill.TakeCensus()
	return r, nil
}

// selected reports whether a case is among those to be run. META-1 and META-2
// always are: nothing can be judged without them.
func (r *runner) selected(c testCase) bool {
	return len(r.o.rules) == 0 || strings.HasPrefix(c.rule, "META-") ||
		slices.Contains(r.o.rules, c.rule) || slices.Contains(r.o.rules, c.id())
}

func (r *runner) skipReason(c testCase) string {
	if reason := r.o.skips[c.id()]; reason != "" {
		return reason
	}
	return r.o.skips[c.rule]
}

// judgeRule runs a rule's cases and calls each with every result as it comes.
func (r *runner) judgeRule(ctx context.Context, rule checkedRule, each func(CaseResult)) RuleResult {
	res := RuleResult{Rule: rule.ID, Level: rule.Level, Feature: rule.Feature, Profile: rule.Profile}
	if rule.Method == Untestable {
		res.Verdict, res.Detail = CannotTest, rule.Reason
		return res
	}
	add := func(c CaseResult) {
		res.Cases = append(res.Cases, c)
		r.tell(c)
		each(c)
	}
	some := false
	for _, c := range rule.cases {
		if !r.selected(c) {
			continue
		}
		some = true
		add(r.judgeCase(ctx, rule.Rule, c))
	}
	if !some {
		res.Verdict, res.Detail = Skipped, "not selected"
		return res
	}
	if rule.ID == "LEAK-1" && r.leak != nil {
		add(*r.leak)
	}
	sum(&res)
	return res
}

// judgeCase runs a case if it can be run.
func (r *runner) judgeCase(ctx context.Context, rule Rule, c testCase) CaseResult {
	res := CaseResult{Case: c.id(), Rule: c.rule}
	no := func(v Verdict, format string, args ...any) CaseResult {
		res.Verdict, res.Detail = v, fmt.Sprintf(format, args...)
		return res
	}
	if reason := r.skipReason(c); reason != "" {
		return no(Skipped, "%s", reason)
	}
	for _, f := range append([]Feature{rule.Feature}, c.needs...) {
		if claim := r.f.claimOf(f); !claim.Supported() {
			return no(NotClaimed, "%s: %s", f, claim.Reason())
		}
		if !r.has(f) {
			return no(NotRun, "the feature %q is claimed, but the object does not have its methods (META-1)", f)
		}
	}
	if _, child, _ := inChild(r.f); r.dead != "" && (child || !strings.HasPrefix(c.rule, "META-")) {
		return no(NotRun, "%s", r.dead)
	}
	if err := ctx.Err(); err != nil {
		r.broken = context.Cause(ctx)
		return no(NotRun, "the run was broken off: %v", r.broken)
	}
	if r.remote != nil {
		if c.race && len(r.remote.peer.Race) == 0 {
			return no(CannotTest, "%s", r.remote.noDetector())
		}
		if why := r.remote.cannot(c); why != "" {
			return no(NotClaimed, "%s", why)
		}
	}
	r.askCalm(ctx, c)
	start := time.Now()
	switch {
	case r.remote != nil && c.race:
		res = r.runRace(ctx, c)
	case r.remote != nil:
		res = r.runCase(ctx, c)
	case r.o.inChild:
		res = r.runCase(ctx, c)
	case c.race:
		argv := r.o.raceChild
		if len(argv) == 0 && raceEnabled {
			argv = r.o.child
		}
		if len(argv) == 0 {
			return no(NotRun, "it needs the race detector: a binary built with -race, as a child process")
		}
		res = r.runChild(ctx, c, argv)
	case c.child || r.o.isolate || raceEnabled && len(r.o.child) > 0: // a race is the case's
		if len(r.o.child) == 0 {
			return no(NotRun, "it may end the process, and there is no command for a child process")
		}
		res = r.runChild(ctx, c, r.o.child)
	default:
		r.witness.began(c.id())
		res = r.runCase(ctx, c)
	}
	res.Duration = time.Since(start)
	if res.Failure != nil {
		res.Failure.Again = r.again(c)
		res.Detail, _, _ = strings.Cut(res.Failure.Message, "\n")
	}
	if r.noNew && r.dead == "" {
		r.dead = "there are no objects to check: New did not return in " + c.id()
	}
	if strings.HasPrefix(c.rule, "META-") && res.Verdict != Pass {
		if c.rule == "META-2" || r.there == nil {
			r.dead = "there are no objects to check: " + c.rule + " failed"
		}
	}
	return res
}

// runCase runs a case in this process.
func (r *runner) runCase(ctx context.Context, c testCase) CaseResult {
	res := CaseResult{Case: c.id(), Rule: c.rule}
	t := newTrial(ctx, r.subject, c.rule, c.id())
	if r.remote != nil {
		if err := r.remote.begin(ctx, t.listens()); err != nil {
			t.end()
			res.Verdict, res.Detail = Inconclusive, strings.TrimPrefix(err.Error(), "conformance: ")
			r.dead = "there are no objects to check: the peer could not be started again"
			return res
		}
		t.crashes = c.judge != nil
	}
	leaks := r.leaks()
	procs := runtime.GOMAXPROCS(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.within(func() {
			c.run(t)
			t.openGates()
			if !t.failed() {
				t.closeObjects()
			}
		})
	}()
	hung := t.supervise(done)
	t.end()
	runtime.GOMAXPROCS(procs)
	if r.remote != nil && c.judge != nil && !t.failed() && t.unsure == "" && ctx.Err() == nil {
		if what := r.remote.crashed(); what != "" {
			t.failWith(&Failure{Rule: c.rule, Message: fmt.Sprintf("%s: expected: what the rule says\n  happened: %s", c.rule, what), Output: r.remote.conn.proc.Stderr()})
		}
	}

	if r.remote != nil && r.remote.broke() {
		t.peerLost(r.remote.conn)
		t.mu.Lock()
		t.failure = nil // what a broken protocol says is no violation
		t.mu.Unlock()
	}
	t.mu.Lock()
	res.Histories, res.Detail, res.Failure = t.histories, t.note, t.failure
	res.Crossings, res.Tried, res.Cells = t.crossings, t.numbers, t.cells
	unsure, unclaimed, stuck := t.unsure, t.unclaimed, t.stuck
	if t.found != nil {
		r.there = t.found
	}
	t.mu.Unlock()
	if r.remote != nil {
		r.remote.finish(res.Failure == nil && unsure == "" && !hung && !stuck)
	}
	r.behind = r.behind || hung || stuck
	switch {
	case res.Failure != nil:
		res.Verdict = Fail
	case ctx.Err() != nil:
		res.Verdict, res.Detail = NotRun, fmt.Sprintf("the run was broken off: %v", context.Cause(ctx))
	case unsure != "":
		res.Verdict, res.Detail = Inconclusive, unsure
	case unclaimed != "":
		res.Verdict, res.Detail = NotClaimed, unclaimed
	default:
		res.Verdict = Pass
		if !r.behind && r.leak == nil {
			r.leak = r.leftAfter(c, leaks)
		}
	}
	return res
}

// leftAfter returns the failure of LEAK-1 if a case has left goroutines behind.
func (r *runner) leftAfter(c testCase, look func() []standstill.Goroutine) *CaseResult {
	left := look()
	if len(left) == 0 {
		return nil
	}
	return &CaseResult{
		Case: "LEAK-1/after-" + c.id(), Rule: "LEAK-1", Verdict: Fail,
		Detail: "LEAK-1: a goroutine is left after " + c.id(),
		Failure: &Failure{
			Rule:    "LEAK-1",
			Message: fmt.Sprintf("LEAK-1: expected: no goroutines are left when the objects of a case are idle\n  happened: after %s, %d of them", c.id(), len(left)),
			Again:   r.again(c),
			Dump:    standstill.Show(left),
		},
	}
}

// tell reports progress.
func (r *runner) tell(c CaseResult) {
	r.logf("%-12s %s %s", c.Verdict, c.Case, c.Detail)
	if r.o.progress != nil {
		r.progress.Lock()
		defer r.progress.Unlock()
		r.o.progress(c)
	}
}
