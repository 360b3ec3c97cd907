//go:build race || desyncdebug

package desync

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// watching says whether waits are watched for rings.
const watching = true

type describer interface{ describe() string }

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

type goroutine uint64

type wait struct {
	on   *core
	what describer
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

// noteLeave notes that the holder of c is about to let go of it.
func noteLeave(c *core) {
	graph.Lock()
	defer graph.Unlock()
	delete(graph.holders, c)
}

// noteWait notes that the calling goroutine is about to wait for c, or returns
// the ring that this closes.
func noteWait(c *core, what describer) error {
	g := self()
	w := wait{on: c, what: what, call: callPlace()}
	graph.Lock()
	defer graph.Unlock()
	var ring []Wait
	// Goroutines on the way that have not seen a ring of their own yet could
	// make this walk go round without meeting g.
	seen := make(map[goroutine]bool)
	for next := w; ; {
		ring = append(ring, Wait{Object: next.what.describe(), Call: next.call})
		holder, ok := graph.holders[next.on]
		if !ok || seen[holder] {
			break
		}
		if holder == g {
			return &DeadlockError{Ring: ring}
		}
		seen[holder] = true
		if next, ok = graph.waits[holder]; !ok {
			break
		}
	}
	graph.waits[g] = w
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

// callPlace returns the place in the caller's code from which this package was
// called.
func callPlace() string {
	const here = "github.com/go-desync/go-desync/desync."
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, here) || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
