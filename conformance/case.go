package conformance

// A testCase is one way to check one rule.
type testCase struct {
	rule  string
	name  string
	needs []Feature // beyond the rule's own
	run   func(*trial)

	race  bool                        // only the race detector can judge it: a child built with it runs it
	child bool                        // it may end the process: a child runs it
	judge func(outcome) (what string) // of a child that ended without a result; "" passes
}

func (c testCase) id() string { return c.rule + "/" + c.name }

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
