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
	placed  map[goroutine]int // when a wait for several objects had its places in all queues
	clock   int               // numbers the waits and the places
}{
	holders: make(map[*core]goroutine),
	waits:   make(map[goroutine]wait),
	placed:  make(map[goroutine]int),
}

// endWait removes what g waits for; the graph is locked.
func endWait(g goroutine) {
	delete(graph.waits, g)
	delete(graph.placed, g)
}

// A wait is for all of its objects; those that it has already are held by the
// goroutine that waits.
type wait struct {
	on     []member
	call   string
	ending func() bool // whether the wait ends by itself, though not seen yet; nil for never
	began  int         // a moment before its place was taken
}

// noteHold notes that the calling goroutine holds c and no longer waits.
func noteHold(c *core) {
	g := self()
	graph.Lock()
	defer graph.Unlock()
	graph.holders[c] = g
	endWait(g)
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
	endWait(g)
}

// notePlaced notes that g, which waits for several objects, has its places.
func notePlaced(g goroutine) {
	graph.Lock()
	defer graph.Unlock()
	graph.clock++
	graph.placed[g] = graph.clock
}

// noteMoment returns a number that says which places are taken later.
func noteMoment() int {
	graph.Lock()
	defer graph.Unlock()
	graph.clock++
	return graph.clock
}

// watch returns a function that notes, when the calling goroutine, inside the named
// call, is about to take its place, that it waits for the objects, or returns the
// ring that this closes. The function ending, if it is not nil, reports whether the
// wait ends by itself.
func watch(name string, ending func() bool, on ...member) (check func() error) {
	w := wait{on: on, ending: ending}
	if places := callPlaces(name); len(places) > 0 {
		w.call = places[0]
	}
	g := self()
	return func() error {
		w.began = noteMoment()
		return noteWait(g, w)
	}
}

// watchAwait is watch for a wait that begins now, for a place that was taken after
// began.
func watchAwait(began int, ending func() bool, on member) error {
	w := wait{on: []member{on}, ending: ending, began: began}
	if places := callPlaces(""); len(places) > 0 {
		w.call = places[0]
	}
	return noteWait(self(), w)
}

// noteWait notes that g waits, or returns the ring that this closes.
func noteWait(g goroutine, w wait) error {
	graph.Lock()
	defer graph.Unlock()
	ring := ringFrom(w, g, make(map[goroutine]bool))
	if ring != nil && (w.ending == nil || !w.ending()) {
		return &DeadlockError{Ring: ring}
	}
	graph.waits[g] = w
	return nil
}

// ringFrom follows w to g, and returns the waits on the way. It leaves out
// goroutines that it has seen, which may stand in a ring that is not g's.
func ringFrom(w wait, g goroutine, seen map[goroutine]bool) []Wait {
	for _, o := range w.on {
		link := Wait{Object: o.describe(), Call: w.call}
		for _, b := range blockers(w, o) {
			if b == g {
				return []Wait{link}
			}
			if seen[b] {
				continue
			}
			seen[b] = true
			next, ok := graph.waits[b]
			if !ok || next.ending != nil && next.ending() {
				continue
			}
			next.on = slices.DeleteFunc(slices.Clone(next.on), func(o member) bool {
				return graph.holders[o.base()] == b
			})
			if ring := ringFrom(next, g, seen); ring != nil {
				return append([]Wait{link}, ring...)
			}
		}
	}
	return nil
}

// blockers returns who has to let go of o before w can have it: its holder, and
// those that wait for several objects and had their place before w began. One that
// waits for o alone, before w, holds up w no longer than the holder does.
func blockers(w wait, o member) (all []goroutine) {
	if holder, ok := graph.holders[o.base()]; ok {
		all = append(all, holder)
	}
	for g, placed := range graph.placed {
		if placed > w.began || graph.holders[o.base()] == g {
			continue
		}
		if slices.ContainsFunc(graph.waits[g].on, func(m member) bool { return m.base() == o.base() }) {
			all = append(all, g)
		}
	}
	return all
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
