//go:build race || desyncdebug

package desync

import (
	"bytes"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// watching says whether waits are watched for rings.
const watching = true

// The wait graph: which goroutine holds an object, and which object a goroutine
// waits for. A ring is closed by a goroutine that starts to wait, and that
// goroutine finds it, because it makes its own wait known before it follows the
// others, with the lock held for both.
//
// An object is entered when its holder starts and removed before the holder lets
// go of it. In between it may be held by nobody here though it is held; that can
// hide a ring from one of its goroutines but not from the one that closes it, and
// it never shows a ring that is none.
var graph = struct {
	sync.Mutex
	holders map[*core]goroutine
	waits   map[goroutine]wait
}{
	holders: make(map[*core]goroutine),
	waits:   make(map[goroutine]wait),
}

// A wait is for all of its objects; those that it has already are held by the
// goroutine that waits.
type wait struct {
	on   []member
	call string
}

// noteHold notes that the calling goroutine holds c and no longer waits.
func noteHold(c *core) {
	g := self()
	graph.Lock()
	defer graph.Unlock()
	graph.holders[c] = g
	delete(graph.waits, g)
}

// noteShare notes that g, which waits for more than one object, holds c.
func noteShare(c *core, g goroutine) {
	graph.Lock()
	defer graph.Unlock()
	graph.holders[c] = g
}

// noteLeave notes that the holder of c is about to let go of it.
func noteLeave(c *core) {
	graph.Lock()
	defer graph.Unlock()
	delete(graph.holders, c)
}

// noteEnd notes that the calling goroutine no longer waits.
func noteEnd() {
	g := self()
	graph.Lock()
	defer graph.Unlock()
	delete(graph.waits, g)
}

// noteWait notes that the calling goroutine, inside the named call, is about to wait
// for the objects, or returns the ring that this closes.
func noteWait(name string, on ...member) (goroutine, error) {
	g := self()
	w := wait{on: on}
	if places := callPlaces(name); len(places) > 0 {
		w.call = places[0]
	}
	graph.Lock()
	defer graph.Unlock()
	if ring := ringFrom(w, g, make(map[goroutine]bool)); ring != nil {
		return g, &DeadlockError{Ring: ring}
	}
	graph.waits[g] = w
	return g, nil
}

// ringFrom follows w to g, and returns the waits on the way. It leaves out
// goroutines that it has seen, which may stand in a ring that is not g's.
func ringFrom(w wait, g goroutine, seen map[goroutine]bool) []Wait {
	for _, o := range w.on {
		link := Wait{Object: o.describe(), Call: w.call}
		holder, ok := graph.holders[o.base()]
		if !ok || seen[holder] {
			continue
		}
		if holder == g {
			return []Wait{link}
		}
		seen[holder] = true
		next, ok := graph.waits[holder]
		if !ok {
			continue
		}
		next.on = slices.DeleteFunc(slices.Clone(next.on), func(o member) bool {
			return graph.holders[o.base()] == holder
		})
		if ring := ringFrom(next, g, seen); ring != nil {
			return append([]Wait{link}, ring...)
		}
	}
	return nil
}

// self returns the number of the calling goroutine, for which there is no other
// way than the first line of its stack trace.
func self() goroutine {
	var buf [64]byte
	head := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	number, _, _ := bytes.Cut(head, []byte(" "))
	g, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		panic("desync: cannot read the goroutine's number from its stack trace: " + err.Error())
	}
	return goroutine(g)
}
