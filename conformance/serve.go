package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// serve is all that a child process does: it runs its case, leaves the result, and
// ends the process.
func (r *runner) serve(ctx context.Context, id string) {
	if id == witnessCase {
		testify(r.f)
	}
	rule, _, _ := strings.Cut(id, "/")
	lost := func(err error) {
		fmt.Fprintln(os.Stderr, "conformance: the result of", id, "is lost:", err)
		os.Exit(1)
	}
	result := os.Getenv(childResult)
	if err := os.WriteFile(result+childBegan, nil, 0o600); err != nil {
		lost(err)
	}
	r.o.inChild, r.calm = true, os.Getenv(childCalm)
	res := CaseResult{Case: id, Rule: rule, Verdict: NotRun, Detail: "the child process does not know this case"}
	for _, checked := range r.rules {
		for _, c := range checked.cases {
			if c.id() == id {
				res = r.judgeCase(ctx, checked.Rule, c)
			}
		}
	}
	data, err := json.Marshal(res)
	if err == nil {
		err = os.WriteFile(result, data, 0o600)
	}
	if err != nil {
		lost(err)
	}
	os.Exit(0)
}
