package waits

import (
	"fmt"
	"runtime"
	"strings"
)

// Calls returns the places in users' code, innermost first and as file:line, from which
// the calling goroutine is inside a call of package desync or one of its adapters that
// waits. Of desync it is only calls whose name contains name; with a name that is not
// empty it is none of the adapters.
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
