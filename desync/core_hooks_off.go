//go:build !desynchooks

package desync

// at marks a point of the state machine at which a test may stop a goroutine; see
// core_hooks_on.go. In a user's build it is nothing.
func at(point) {}

// few is how many places more than half of those on the in side calls that were given up
// may have; see abandon.
const few = 8
