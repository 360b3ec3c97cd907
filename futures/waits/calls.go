package waits

import (
	"fmt"
	"runtime"
	"strings"
)

// Calls returns the places in the user's code, innermost first and as file:line, at which
// the calling goroutine has called package desync or one of its adapters. If name is not
// empty, they are only calls of functions of desync whose name contains name.
func Calls(name string) (places []string) {
	const (
		root     = "github.com/go-desync/go-desync/"
		objects  = root + "desync."
		futures  = root + "futures" // Await, and this package
		adapters = root + "adapters/"
	)
	var pcs [256]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	inside := false
	for {
		f, more := frames.Next()
		function, ours := strings.CutPrefix(f.Function, root)
		ours = ours && !strings.HasSuffix(f.File, "_test.go")
		switch {
		case ours && strings.HasPrefix(f.Function, objects):
			inside = strings.Contains(function, name)
		case ours && strings.HasPrefix(f.Function, adapters):
			inside = inside || name == ""
		case ours && strings.HasPrefix(f.Function, futures):
		default:
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
