package desync

import (
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// The state machine of an object.
//
// The state word says whether somebody has the turn (held) and whether anything
// is queued (queued). While nothing but calls that wait want the object, the word is
// in the free mode instead, which core_free.go describes; here is the strict one:
//
//	          acquire                   place, push
//	idle ──────────────────▶ held ──────────────────▶ held|queued ◀─┐
//	 ▲ ◀──────────────────── │                          │  │  │     │ grant: the
//	 │        release                                   │  │  └─────┘ next owner
//	 │                                                  │  │          is a waiter
//	 └──────────────────────────────────────────────────┘  │
//	 │               pass: the queue is empty              │
//	 │                                                     │ pass: the next job
//	 │ push                                                │ needs a goroutine
//	 ▼                                                     ▼
//	queued ◀────────────────────────────────────────────────
//	 ├ begin: the drainer takes the turn, held|queued, or the only entry with it, held
//	 └ join:  a Do takes it to help, held
//
// The holder is the goroutine that moved the word to held, or was granted the object by
// the holder before it. Only the holder runs jobs, and only the holder reads and writes
// the out side of the queue.
//
// What holds at every moment:
//
//   - S1 queued is set and cleared only with mu locked. It is set while an entry is
//     appended, and cleared when both sides of the queue are seen empty. While it is set,
//     a holder that leaves goes to pass. There are two exceptions. It may be clear while
//     a helping Do works off the out side; the Do finishes that before it leaves. And a
//     drainer that comes too late sets it with nothing queued, so that the holder gives
//     back the queue.
//   - S2 queued without held means that a drainer is on its way: the goroutine that makes
//     that state calls summon before it unlocks mu.
//   - S3  a turn is taken without mu only from idle or in the free mode, so that
//     nothing overtakes what is queued.
//   - S4  c.q is not nil while something is queued or a drainer is on its way.
//
// Why no wake-up is lost at the idle edge, where the last job ends while another
// goroutine hands one over: the holder leaves by a swap of held for idle, and the
// newcomer announces its entry by a read-modify-write of the same word. One of
// the two comes first. If it is the leaving, the newcomer sees idle, and takes the
// turn or summons a drainer. If it is the announcement, the swap fails, the holder
// goes to pass, and pass gives the turn up only with mu locked and the queue
// empty; the newcomer holds mu from before its announcement until its entry is in
// the queue, so pass finds it.
const (
	idle   uint32 = 0
	held   uint32 = 1
	queued uint32 = 2

	// The free mode; see core_free.go. These bits are never set together with queued, and
	// the last two are set only together with the first.
	waiting  uint32 = 4
	woken    uint32 = 8
	starving uint32 = 16
)

// core is the part of an object that does not depend on the type of its data.
type core struct {
	state     atomic.Uint32
	abandoned int32      // calls given up since the in side was last compacted; guarded by mu
	mu        sync.Mutex // never held while a job runs
	q         *queue     // assigned under mu; see S4
	cfg       *config    // nil without options
}

// take takes the turn if the object is idle, and reports whether it did. The caller must
// then tell package waits that it holds the object; see watching.
func (c *core) take() bool {
	at(acquireSwap)
	return c.state.Load() == idle && c.state.CompareAndSwap(idle, held)
}

// leave gives up the turn if nothing is queued, and reports whether it did.
func (c *core) leave() bool {
	if watching {
		waits.Leave(c)
	}
	at(releaseSwap)
	return c.state.CompareAndSwap(held, idle)
}

// attach returns the object's queue; mu is locked.
func (c *core) attach() *queue {
	if c.q == nil {
		c.q = queues.Get().(*queue)
	}
	return c.q
}

// detach gives the empty queue back, unless a drainer is on its way, which will look for
// it; mu is locked.
func (c *core) detach() {
	if q := c.q; q != nil && !q.summoned {
		c.q = nil
		if q.line.woken != nil { // a store would fetch the line
			q.line.woken = nil
		}
		if q.touched {
			q.touched = false
			q.shrink()
		}
		queues.Put(q)
	}
}

// pending counts the entries and the job that runs.
func (c *core) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pendingLocked()
}

// accepted is pending without the calls that were given up, as far as they are known.
func (c *core) accepted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pendingLocked() - int(c.abandoned)
}

func (c *core) pendingLocked() int {
	n := 0
	if c.q != nil {
		n = c.q.len()
	}
	s := c.state.Load()
	if s&held != 0 {
		n++
	}
	if s&woken != 0 { // the woken waiter is not in the line
		n++
	}
	return n
}

// watching reports whether this build looks for rings that are not along a context. If
// so, every call tells package waits what it is about to wait for, and every goroutine
// tells it what it holds.
const watching = waits.Watching
