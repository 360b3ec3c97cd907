package flight

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
)

const (
	maxProfile = 8 << 20
	maxStacks  = 64 << 10
)

// stacks returns the stacks of all goroutines, with their labels, those that are alike
// together. Unlike runtime.Stack this does not stop the program while it is written.
func stacks() []byte {
	var b limited
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil && !b.full {
		fmt.Fprintf(&b, "\n%v\n", err)
	}
	return b.Bytes()
}

// A limited is a buffer that takes up to maxProfile bytes, and refuses the rest.
type limited struct {
	bytes.Buffer
	full bool
}

func (b *limited) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxProfile {
		if !b.full {
			b.full = true
			b.WriteString("\nand more\n")
		}
		return 0, fmt.Errorf("flight: more than %d bytes of stacks", maxProfile)
	}
	return b.Buffer.Write(p)
}

// relevant returns those stacks of a profile that have a call of an object or a background
// job, first those with the label of objects of a name.
func relevant(profile []byte, name string) string {
	// Of a call, the function that follows an observed job is on the stack.
	all := strings.Split(string(profile), "\n\n")
	all = slices.DeleteFunc(all, func(s string) bool { return !strings.Contains(s, "github.com/go-desync/go-desync/desync.") })
	label := fmt.Sprintf("%q:%q", "desync", name)
	slices.SortStableFunc(all, func(a, b string) int {
		return hasNot(a, label) - hasNot(b, label)
	})
	var b strings.Builder
	for i, s := range all {
		if b.Len()+len(s) > maxStacks {
			fmt.Fprintf(&b, "and %d more\n", len(all)-i)
			break
		}
		b.WriteString(strings.TrimSpace(s) + "\n\n")
	}
	return b.String()
}

func hasNot(s, part string) int {
	if strings.Contains(s, part) {
		return 0
	}
	return 1
}
