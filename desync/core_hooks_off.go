//go:build !desynchooks

package desync

// at marks a point of the state machine at which a test may stop a goroutine; see
// core_hooks_on.go. In a user's build it is nothing.
func at(point) {}

// few is a margin: calls that were given up may have half of the places on the in side,
// and this many more; see abandon.
const few = 8
