// Package misuse checks that calls which must not be made say what is wrong with them.
package misuse

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Check makes the calls. Each must panic with a text that names the package of the call, pkg, or
// package desync, which checks keys; or with the runtime's complaint about a key that cannot be compared.
// Another runtime error would be one that the package has run into.
func Check(t *testing.T, pkg string, calls map[string]func()) {
	t.Helper()
	for name, call := range calls {
		if why := says(pkg, call); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

func says(pkg string, call func()) (why string) {
	defer func() {
		v := recover()
		switch text := fmt.Sprint(v); {
		case v == nil:
			why = "it does not panic"
		case strings.HasPrefix(text, pkg+": "), strings.HasPrefix(text, "desync: "):
		case badKey(v):
		default:
			why = fmt.Sprintf("the panic does not say what is wrong: %q", text)
		}
	}()
	call()
	return ""
}

func badKey(v any) bool {
	err, ok := v.(runtime.Error)
	return ok && (strings.Contains(err.Error(), "uncomparable type") || strings.Contains(err.Error(), "unhashable type"))
}
