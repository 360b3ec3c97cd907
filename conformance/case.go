package conformance

// A checkedRule is a rule with the cases that check it.
type checkedRule struct {
	Rule
	cases []testCase
}

// A testCase is one way to check one rule.
type testCase struct {
	rule  string // set by the suite
	name  string
	needs []Feature // beyond the rule's own
	run   func(*trial)

	// replay plays a program once more, and reports whether it violates the rule
	// again. It is nil if the case plays none.
	replay func(*trial, *Program) (again bool)

	race  bool                        // only the race detector can judge it: a child built with it runs it
	child bool                        // it may end the process: a child runs it
	judge func(outcome) (what string) // of a child that ended without a result; "" passes
}

func (c testCase) id() string { return c.rule + "/" + c.name }

// findCase returns a case of some rules.
func findCase(rules []checkedRule, rule, name string) (testCase, bool) {
	for _, r := range rules {
		for _, c := range r.cases {
			if r.ID == rule && c.name == name {
				return c, true
			}
		}
	}
	return testCase{}, false
}

// outcome is how a child process ended.
type outcome struct {
	err    error // nil if the exit code is 0
	output string
}

func (o outcome) String() string {
	if o.err == nil {
		return "exit status 0"
	}
	return o.err.Error()
}
