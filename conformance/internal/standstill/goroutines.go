package standstill

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// dump returns the stacks of all goroutines, the calling one first.
func dump() string {
	buf := make([]byte, 1<<16)
	return stacks(&buf)
}

// stacks is dump with a buffer, which it makes large enough: to try again is to stop all
// goroutines again.
func stacks(buf *[]byte) string {
	for {
		n := runtime.Stack(*buf, true)
		if n < len(*buf) {
			return string((*buf)[:n])
		}
		*buf = make([]byte, 4*len(*buf))
	}
}

// A Goroutine is one of a dump.
type Goroutine struct {
	ID    string
	State string // without the time that it has been in it
	Stack string
}

// goroutines takes a dump apart. The first one is the goroutine that took it.
func goroutines(dump string) (all []Goroutine) {
	for g := range strings.SplitSeq(strings.TrimSpace(dump), "\n\n") {
		head, stack, _ := strings.Cut(g, "\n")
		name, state, _ := strings.Cut(head, "[")
		state, _, _ = strings.Cut(state, "]")
		state, _, _ = strings.Cut(state, ",")
		id, _, _ := strings.Cut(strings.TrimPrefix(name, "goroutine "), " ")
		all = append(all, Goroutine{ID: id, State: state, Stack: strings.TrimSpace(stack)})
	}
	return all
}

// A Census is the goroutines that exist at some moment.
type Census map[string]bool

// TakeCensus returns the goroutines that exist now.
func TakeCensus() Census {
	c := Census{}
	for _, g := range goroutines(dump()) {
		c[g.ID] = true
	}
	return c
}

// Has reports whether a goroutine existed at that moment.
func (c Census) Has(g Goroutine) bool { return c[g.ID] }

// Since returns the goroutines that exist now and did not then, without the calling
// one.
func (c Census) Since() []Goroutine { return c.since(dump()) }

func (c Census) since(dump string) (others []Goroutine) {
	for _, g := range goroutines(dump)[1:] {
		if !c[g.ID] {
			others = append(others, g)
		}
	}
	return others
}

// mostStacks is how many different stacks are shown.
const mostStacks = 12

// Show returns the stacks of goroutines, those that differ in nothing but numbers
// together, and no more than a reader can use.
func Show(all []Goroutine) string {
	var order []string
	alike := map[string][]Goroutine{}
	for _, g := range all {
		key := g.State + "\n" + numbers.ReplaceAllString(g.Stack, "")
		if alike[key] == nil {
			order = append(order, key)
		}
		alike[key] = append(alike[key], g)
	}
	var b strings.Builder
	for i, key := range order {
		if i == mostStacks {
			fmt.Fprintf(&b, "and others, with %d different stacks\n", len(order)-i)
			break
		}
		g := alike[key][0]
		fmt.Fprintf(&b, "goroutine %s [%s]", g.ID, g.State)
		if n := len(alike[key]); n > 1 {
			fmt.Fprintf(&b, ", and %d more like it", n-1)
		}
		fmt.Fprintf(&b, ":\n%s\n\n", g.Stack)
	}
	return strings.TrimSpace(b.String())
}

// numbers are what may differ between two goroutines that do the same: arguments,
// offsets, and who started them.
var numbers = regexp.MustCompile(`\((0x|\{|\.\.\.)[^\n]*\)|\+0x[0-9a-f]+|in goroutine \d+`)
