package flight

import (
	"fmt"
	"runtime"
	"strings"
)

// caller returns a return address in the user's function that is nearest on the stack, or 0.
// For a job that panics, that is the one that panicked.
func caller() uintptr {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if f.PC != 0 && !passedOver(f.Function) {
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
	switch first, rest, _ := strings.Cut(pkg, "/"); first {
	case "desync":
		return rest == ""
	case "futures":
		return !strings.HasSuffix(pkg, "_test")
	case "adapters":
		return !strings.HasSuffix(pkg, "_test") && !strings.HasPrefix(rest, "examples")
	}
	return false
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
