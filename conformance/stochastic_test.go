package conformance

import (
	"strings"
	"testing"
)

// A finding has the name of the rule that was asked for, whatever the object breaks besides.
func TestFindingHasOneName(t *testing.T) {
	for _, id := range []string{"ORD-2/clients", "ORD-3/kinds", "ORD-4/queue"} {
		rule, _, _ := strings.Cut(id, "/")
		got := check(t, laneFactory(lifo), WithRules(id)).Rule(rule)
		if got.Verdict != Fail {
			t.Errorf("%s is %s (%s), want a failure", id, got.Verdict, got.Detail)
			continue
		}
		message := got.Cases[0].Failure.Message
		if !strings.HasPrefix(message, rule+" violated: ") || strings.Count(message, "ORD-") != 1 {
			t.Errorf("the finding of %s does not have its name, or has another one too:\n%s", id, message)
		}
	}
}
