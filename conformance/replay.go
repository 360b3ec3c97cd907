package conformance

import (
	"context"
	"fmt"
	"strings"
)

// Replay runs a program again, some number of times, and returns how often it
// violated the rule of its case again. It stops early, with an error, if ctx ends
// or a run hangs.
func Replay(ctx context.Context, f Factory, p *Program, runs int) (reproduced int, err error) {
	c, err := replayable(p)
	if err != nil {
		return 0, err
	}
	r, err := newRunner(suite(), f, nil)
	if err != nil {
		return 0, err
	}
	return r.replay(ctx, c, p, runs)
}

// replayable returns the case of a program.
func replayable(p *Program) (testCase, error) {
	rule, name, _ := strings.Cut(p.Case, "/")
	c, ok := findCase(suite(), rule, name)
	if !ok || c.replay == nil {
		return testCase{}, fmt.Errorf("conformance: no case %q plays programs", p.Case)
	}
	return c, p.valid()
}

func (r *runner) replay(ctx context.Context, c testCase, p *Program, runs int) (reproduced int, err error) {
	for n := range runs {
		again := false
		one := testCase{rule: c.rule, name: c.name, run: func(t *trial) {
			if missing := p.missing(t.has); missing != "" {
				t.inconclusive("the program needs the feature %q", missing)
			}
			again = c.replay(t, p)
		}}
		res := r.runCase(ctx, one)
		switch {
		case ctx.Err() != nil:
			return reproduced, context.Cause(ctx)
		case res.Verdict == Inconclusive:
			return reproduced, fmt.Errorf("conformance: run %d: %s", n+1, res.Detail)
		case res.Failure != nil && !again:
			return reproduced, fmt.Errorf("conformance: run %d: %s", n+1, res.Failure.Message)
		}
		if again {
			reproduced++
		}
	}
	return reproduced, nil
}
