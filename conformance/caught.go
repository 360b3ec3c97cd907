package conformance

// thrown is what jobs panic with.
const thrown = "conformance: thrown by a job"

// caught returns what f panics with, or nil.
func caught(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
