// Package bubbles runs tests in testing/synctest bubbles, and tries values there that live as
// long as the process. It is for tests.
package bubbles

import (
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

// Run runs a test in a synctest bubble: it fails if a goroutine is left, or if all that are
// left wait for each other.
func Run(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	defer goleak.VerifyNone(t)
	synctest.Test(t, test)
}

// Try calls use in one bubble, then in another, then outside, and then twice more, so
// that each kind of use follows each other one. The value that the calls share must work
// in all of them: it must keep no channel, timer or goroutine of one bubble, since its
// use elsewhere ends the process or hangs.
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
