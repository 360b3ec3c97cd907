package desync

import (
	"fmt"
	"runtime"
	"strings"
)

// callPlaces returns the places in users' code, innermost first, from which the
// calling goroutine is inside a call of this package whose name contains name.
func callPlaces(name string) (places []string) {
	const (
		here    = "github.com/go-desync/go-desync/desync."
		futures = "github.com/go-desync/go-desync/futures." // Await, with a guard of ours
	)
	var pcs [256]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	inside := false
	for {
		f, more := frames.Next()
		if function, ok := strings.CutPrefix(f.Function, here); ok && !strings.HasSuffix(f.File, "_test.go") {
			inside = strings.Contains(function, name)
		} else if !strings.HasPrefix(f.Function, futures) {
			if inside && !strings.HasPrefix(f.Function, "runtime.") { // else: a go statement
				places = append(places, fmt.Sprintf("%s:%d", f.File, f.Line))
			}
			inside = false
		}
		if !more {
			return places
		}
	}
}
