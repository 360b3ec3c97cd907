package conformance

// Level is how binding a rule is.
type Level string

// The levels, in the sense of RFC 2119.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
)

// Method is how a rule is checked.
type Method string

// The methods.
const (
	Deterministic Method = "deterministic" // by gates: a fault shows every time
	Stochastic    Method = "stochastic"    // by random programs and racing calls: a pass reads "not refuted in N histories"
	RaceOnly      Method = "race"          // by the race detector, in a binary built with it
	Untestable    Method = "untestable"    // not from outside: Rule.Reason says why
)

// Profile is a group of rules in a report.
type Profile string

// The profiles.
const (
	CoreProfile        Profile = "core"        // what every implementation must keep
	ConcurrencyProfile Profile = "concurrency" // objects side by side
	FutureProfile      Profile = "future"
	CancelProfile      Profile = "cancel"
	LifecycleProfile   Profile = "lifecycle" // panics, leaks, closing
)

// Rule is one rule of the specification, SPEC.md.
type Rule struct {
	ID        string   `json:"id"`
	Level     Level    `json:"level"`
	Feature   Feature  `json:"feature"` // the rule is checked if this is claimed
	Profile   Profile  `json:"profile"`
	Method    Method   `json:"method"`
	Text      string   `json:"text"`                // what must hold
	Why       string   `json:"why"`                 // what goes wrong for a user without it
	Reason    string   `json:"reason,omitempty"`    // why it is untestable
	Basis     string   `json:"basis"`               // what stands behind a pass: sizes, times, crossings
	Beyond    string   `json:"beyond"`              // what a pass does not say
	ImpliedBy []string `json:"impliedBy,omitempty"` // rules that together imply this one
	Mutants   []string `json:"mutants,omitempty"`   // broken implementations that its cases must find
}
