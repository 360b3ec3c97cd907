// Package onstack finds out which functions a goroutine is in.
package onstack

import (
	"runtime"
	"strings"
)

// Has reports whether the calling goroutine is inside a function whose full name, with
// the import path of its package, begins with prefix. It takes a few microseconds, so
// call it only before a wait.
func Has(prefix string) bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		if n == 0 {
			return false
		}
		frames := runtime.CallersFrames(pcs[:n])
		for more := true; more; {
			var f runtime.Frame
			f, more = frames.Next()
			if strings.HasPrefix(f.Function, prefix) {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}
