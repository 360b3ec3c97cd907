package conformance

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// dump returns the stacks of all goroutines, the calling one first.
func dump() string {
	for size := 1 << 16; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return string(buf[:n])
		}
	}
}

// A goroutine is one of a dump.
type goroutine struct {
	id    string
	state string // without the time that it has been in it
	stack string
}

// goroutines takes a dump apart. The first one is the goroutine that took it.
func goroutines(dump string) (all []goroutine) {
	for g := range strings.SplitSeq(strings.TrimSpace(dump), "\n\n") {
		head, stack, _ := strings.Cut(g, "\n")
		name, state, _ := strings.Cut(head, "[")
		state, _, _ = strings.Cut(state, "]")
		state, _, _ = strings.Cut(state, ",")
		id, _, _ := strings.Cut(strings.TrimPrefix(name, "goroutine "), " ")
		all = append(all, goroutine{id: id, state: state, stack: strings.TrimSpace(stack)})
	}
	return all
}

// A census is the goroutines that exist at some moment.
type census map[string]bool

func takeCensus() census {
	c := census{}
	for _, g := range goroutines(dump()) {
		c[g.id] = true
	}
	return c
}

// since returns the goroutines of a dump that the census does not have, without
// the one that took it.
func (c census) since(dump string) (others []goroutine) {
	for _, g := range goroutines(dump)[1:] {
		if !c[g.id] {
			others = append(others, g)
		}
	}
	return others
}

// mostStacks is how many different stacks a failure shows.
const mostStacks = 12

// show returns the stacks of goroutines, those that differ in nothing but numbers
// together, and no more than a reader can use.
func show(all []goroutine) string {
	var order []string
	alike := map[string][]goroutine{}
	for _, g := range all {
		key := g.state + "\n" + numbers.ReplaceAllString(g.stack, "")
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
		fmt.Fprintf(&b, "goroutine %s [%s]", g.id, g.state)
		if n := len(alike[key]); n > 1 {
			fmt.Fprintf(&b, ", and %d more like it", n-1)
		}
		fmt.Fprintf(&b, ":\n%s\n\n", g.stack)
	}
	return strings.TrimSpace(b.String())
}

// numbers are what may differ between two goroutines that do the same: arguments,
// offsets, and who started them.
var numbers = regexp.MustCompile(`\((0x|\{|\.\.\.)[^\n]*\)|\+0x[0-9a-f]+|in goroutine \d+`)
