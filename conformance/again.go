package conformance

import (
	"context"
	"strings"
	"time"
)

// tryAgain judges once more what could not be decided, when all the rest is done and
// nothing of it runs beside. It changes the results, and calls each with every new one.
func (r *runner) tryAgain(ctx context.Context, results []RuleResult, each func(Rule, CaseResult)) {
	fresh := false
	for i := range results {
		res := &results[i]
		changed := false
		for j, first := range res.Cases {
			_, name, _ := strings.Cut(first.Case, "/")
			c, ok := findCase(r.rules, first.Rule, name)
			if !ok || ctx.Err() != nil || first.Verdict != Inconclusive || explained(first, results) {
				continue
			}
			if !fresh { // what was measured beside busy processes may be wrong by now
				fresh = true
				r.slowdown = calibrate()
				r.pace.Store(nil)
			}
			start := time.Now()
			rule := r.ruleOf(first.Rule)
			now := r.judgeCase(ctx, rule, c)
			if now.Verdict == NotRun { // the run was broken off meanwhile
				continue
			}
			now.Duration, now.AtFirst = time.Since(start), first.Detail
			res.Cases[j], changed = now, true
			r.tell(now)
			each(rule, now)
		}
		if changed {
			res.Verdict, res.Detail = "", ""
			sum(res)
		}
	}
}

// explained reports whether a case could not be decided because of a rule that is
// violated: it never will be.
func explained(c CaseResult, results []RuleResult) bool {
	if strings.HasPrefix(c.Detail, brokeProtocol) {
		return true
	}
	for _, res := range results {
		if res.Verdict == Fail && strings.Contains(c.Detail, "see "+res.Rule) {
			return true
		}
	}
	return false
}

// ruleOf returns the rule with an ID.
func (r *runner) ruleOf(id string) Rule {
	for _, rule := range r.rules {
		if rule.ID == id {
			return rule.Rule
		}
	}
	return Rule{}
}
