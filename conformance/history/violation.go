package history

import "fmt"

// A Violation is the proof that a history breaks a rule. Check returns it as an
// error; match it with errors.As or errors.AsType.
type Violation struct {
	Rule   string // the ID of the rule, such as ORD-2
	Object int    // the object on which it was broken
	What   string // what happened, in one sentence

	// Operations holds the operations that prove it: for an order that was not
	// kept, the one that should have run first and the one that did; for bodies
	// that overlapped, both in the order of their starts; for a job that was lost,
	// that one and a later one that ran. What an operation does wrong by itself, as
	// running twice, has one.
	Operations []Operation
}

// Error returns the rule and what happened, in one line.
func (v *Violation) Error() string { return v.Rule + " violated: " + v.What }

func violation(rule string, object int, format string, ops ...Operation) *Violation {
	names := make([]any, len(ops))
	for i := range ops {
		names[i] = fmt.Sprintf("#%d", ops[i].ID)
	}
	return &Violation{Rule: rule, Object: object, What: fmt.Sprintf(format, names...), Operations: ops}
}
