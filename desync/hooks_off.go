//go:build !desynchooks

package desync

// at marks a point of the state machine at which a test may stop a goroutine; see
// hooks_on.go. In a user's build it is nothing.
func at(point) {}
