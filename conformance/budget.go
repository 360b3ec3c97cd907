package conformance

// Budget is how much time a run may take.
type Budget string

const (
	Short Budget = "short" // some seconds
	Full  Budget = "full"  // about a minute
	Soak  Budget = "soak"  // until the deadline of the context or the test
)
