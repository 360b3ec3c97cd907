// Package bubbles tries values that live as long as the process in testing/synctest
// bubbles. It is for tests.
package bubbles

import (
	"testing"
	"testing/synctest"
)

// Try calls use in one bubble, then in another, then outside, and then twice more, so
// that each use follows each: what one has left behind, a channel, a timer or a
// goroutine, must not serve the next. What belongs to a bubble ends the process, or
// hangs, where it is used elsewhere. So a value that use shares with its other calls
// must work with all of them, as long as they are not at once.
//
// use must wait for all that it starts.
func Try(t *testing.T, use func(t *testing.T)) {
	t.Helper()
	for _, inside := range []bool{true, true, false, false, true} {
		if inside {
			synctest.Test(t, use)
		} else {
			use(t)
		}
		if t.Failed() {
			return
		}
	}
}
