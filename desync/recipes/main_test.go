package recipes_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestMain fails if goroutines are left when all tests have ended. It waits for those
// that are about to end.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftover(time.Minute); left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines are left after the tests:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leftover waits until this goroutine is the only one, but for one that the runtime has for
// events where it runs on JavaScript, and returns the stacks of all if
// that does not happen within the time limit.
func leftover(limit time.Duration) string {
	own := 1
	if runtime.GOOS == "js" {
		own = 2
	}
	for deadline := time.Now().Add(limit); runtime.NumGoroutine() > own; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			return string(buf[:runtime.Stack(buf, true)])
		}
	}
	return ""
}
