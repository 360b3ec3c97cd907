package conformance

import (
	"context"
	"strings"
)

// A subject that does not keep the rules about panics may end the process in a cell. The
// cells of other rules then leave out the jobs that do not return, so that they still
// have a verdict, and the run goes on.

// aboutEndings reports whether the rule is about jobs that do not return.
func aboutEndings(rule string) bool {
	return strings.HasPrefix(rule, "PAN-") || rule == "SYN-2" || rule == "HLP-2"
}

// askCalm finds out, once and in a child process, whether a panic in a cell ends the
// process.
func (r *runner) askCalm(ctx context.Context, c testCase) {
	if r.calmAsked || r.o.inChild || r.remote == nil && len(r.o.child) == 0 || c.name != cellsCase || aboutEndings(c.rule) {
		return
	}
	r.calmAsked = true
	for _, rule := range []string{"PAN-4", "PAN-5"} {
		ends, ok := findCase(r.rules, rule, cellsCase)
		if !ok {
			continue
		}
		run := func() CaseResult { return r.runChild(ctx, ends, r.o.child) }
		if r.remote != nil {
			run = func() CaseResult { return r.runCase(ctx, ends) }
		}
		if res := run(); res.Failure != nil && (r.remote == nil && res.Failure.Output != "" || strings.Contains(res.Failure.Message, processLives)) {
			r.calm = "where jobs do not return, the process ends: see " + rule
		}
	}
}

// calmed leaves out what ends the process.
func (t *trial) calmed(cells []cell) (rest []cell) {
	if t.calm == "" || aboutEndings(t.rule) {
		return cells
	}
	for _, c := range cells {
		if c.end == endReturns {
			rest = append(rest, c)
		}
	}
	return rest
}
