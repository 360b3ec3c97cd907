package flight

import (
	"fmt"
	"runtime"
	"strings"
)

// unwind returns a return address in the user's function that made the call by which this one
// was reached, or, if a job panics, in the one that panicked. It returns 0 if there is none.
//
// A background job that has ended is not on the stack, and what is there may be the call of
// somebody who waits for it. So of such a job only what panics is looked for.
func unwind(background bool) uintptr {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	reached, panics := false, false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic", f.Function == "runtime.Goexit":
			panics = true
		case passedOver(f.Function):
			reached = true
		case reached && background && !panics:
			return 0
		case reached && f.PC != 0:
			return f.PC + 1
		}
		if !more {
			return 0
		}
	}
}

// passedOver reports whether a function is of the runtime or one by which a call reaches an
// object.
func passedOver(function string) bool {
	rest, ours := strings.CutPrefix(function, "github.com/go-desync/go-desync/")
	if !ours {
		return strings.HasPrefix(function, "runtime.")
	}
	pkg, _, _ := strings.Cut(rest, ".")
	first, rest, _ := strings.Cut(pkg, "/")
	switch {
	case strings.HasSuffix(pkg, "_test"):
		return false
	case first == "desync":
		return rest == ""
	case first == "adapters":
		return !strings.HasPrefix(rest, "examples")
	}
	return first == "futures"
}

// codeAt returns file and line of a return address, or of the beginning of a function if pc
// is one more than its entry.
func codeAt(pc uintptr) string {
	if pc == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	if f.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}
