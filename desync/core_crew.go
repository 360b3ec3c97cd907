package desync

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// A goroutine that runs many jobs in a row yields the processor after slice, and looks at
// the clock after every budget jobs, and more often at first. After most jobs it yields
// whatever the clock says, because the clock of a synctest bubble stands still. Otherwise,
// where goroutines are not preempted, as on js/wasm, a job that hands itself over again
// would starve all others. Running most jobs takes about slice if they do nothing.
const (
	slice  = 100 * time.Microsecond
	budget = 64
	early  = 8
	most   = 256 * budget
)

// A crew is a group of goroutines that run the background jobs of many objects, one object
// after the other. A goroutine for each object that becomes busy would cost more than most
// jobs.
//
// An object that becomes busy is put on the crew's list, by its drainer. A member takes the
// next one when its own has nothing left. A job that blocks must not hold up the objects
// on the list, so what holds whenever mu is free is:
//
//   - C1 While an object is on the list, or newest, a goroutine has been started that has
//     not yet looked at them.
//
// It is the only one: whoever puts an object on the list starts it if there is none, and
// so does a member that begins and leaves others. If the members block, the scheduler
// runs it, it takes an object, and starts the next. While members run, it waits
// for a processor, and most often finds nothing left to do. So it does not matter how a
// member ends: by runtime.Goexit in a job, or because it has run for a slice.
//
// The list has two sides, as a queue has: callers put objects on the in side, members take
// them from the out side, and make the in side the out side when that is empty. So callers
// and members do not need the same cache line for each object.
//
// Whether a drainer that is on the list has been overtaken is the object's concern; see
// summon. In a synctest bubble drainers have their own goroutines, since a member belongs
// to no bubble.
type crew struct {
	mu          sync.Mutex
	first, last *drainer // the in side, in the order of arrival
	newest      *drainer // not on the list: the last that came, for the next member to begin
	coming      bool     // a goroutine was started and has not looked at the list; see C1
	spent       bool     // a member has ended because it has run for a slice; the next yields
	start       func()   // c.work: a go statement with it allocates nothing
	_           [16]byte

	out struct {
		mu      sync.Mutex // locked before the other
		first   *drainer
		hurried bool // the last object that was taken was the newest
		_       [40]byte
	}
}

// put hands the object of w to the crew. If it has just become busy, the next member to
// begin takes it before all others, as the scheduler does with a goroutine that has just
// been started. So who waits for the job at once need not wait for all objects that became
// busy before. None of those waits forever: members that go on take the oldest, and so does
// every other one that begins, since there may be none that goes on.
func (c *crew) put(w *drainer, fresh bool) {
	c.mu.Lock()
	if fresh {
		w, c.newest = c.newest, w
	}
	c.push(w)
	start := c.follow()
	c.mu.Unlock()
	if start != nil {
		go start()
	}
}

// push puts w, if it is not nil, on the list; mu is locked.
func (c *crew) push(w *drainer) {
	switch {
	case w == nil:
		return
	case c.first == nil:
		c.first = w
	default:
		c.last.next = w
	}
	c.last = w
}

// follow keeps C1 while there are objects. If it returns a function, the caller must start
// it on a goroutine; mu is locked.
func (c *crew) follow() (start func()) {
	if c.coming {
		return nil
	}
	c.coming = true
	if c.start == nil {
		c.start = c.work
	}
	return c.start
}

// takeFirst returns the next object for a member that begins, or nil if there is none.
func (c *crew) takeFirst() (w *drainer) {
	c.out.mu.Lock()
	c.mu.Lock()
	if c.spent {
		c.spent = false
		c.mu.Unlock()
		c.out.mu.Unlock()
		runtime.Gosched()
		c.out.mu.Lock()
		c.mu.Lock()
	}
	c.coming = false
	if c.out.first == nil {
		c.turnOver()
	}
	if c.newest == nil || c.out.hurried && c.out.first != nil {
		w = c.takeOldest()
	} else {
		w, c.newest, c.out.hurried = c.newest, nil, true
	}
	var start func()
	if c.out.first != nil || c.first != nil || c.newest != nil {
		start = c.follow()
	}
	c.mu.Unlock()
	c.out.mu.Unlock()
	if start != nil {
		go start()
	}
	return w
}

// take returns the next object for a member that goes on, or nil if there is none. If it
// leaves others, the goroutine of C1 is on its way, since there were others before.
func (c *crew) take() *drainer {
	c.out.mu.Lock()
	if c.out.first == nil {
		c.mu.Lock()
		c.turnOver()
		if c.out.first == nil {
			c.out.first, c.newest = c.newest, nil
		}
		c.mu.Unlock()
	}
	w := c.takeOldest()
	c.out.mu.Unlock()
	return w
}

// turnOver makes the in side the out side; both mutexes are locked.
func (c *crew) turnOver() { c.out.first, c.first = c.first, nil }

// takeOldest returns the first object of the out side, or nil; out.mu is locked.
func (c *crew) takeOldest() *drainer {
	c.out.hurried = false
	w := c.out.first
	if w != nil {
		c.out.first, w.next = w.next, nil
	}
	return w
}

// work is what a member does.
func (c *crew) work() {
	var since time.Time
	for n, w := 1, c.takeFirst(); w != nil; n, w = n+1, c.take() {
		stays := w.run(true)
		// What a job has changed of its goroutine, and has not put back, must not meet the
		// jobs of another object. Labels are set by each drainer.
		debug.SetPanicOnFault(false)
		runtime.UnlockOSThread()
		switch {
		case stays, n%budget == 0 && !since.IsZero() && time.Since(since) > slice:
			c.mu.Lock()
			c.spent = c.coming // whoever comes later has not been waiting
			c.mu.Unlock()
			return // C1: if objects are on the list, somebody comes
		case n%budget == 0 && since.IsZero():
			since = time.Now()
		}
	}
}

// Crews are the two crews of an object. One has the objects that have become busy. The
// other has those that had jobs for a whole slice and still have. So an object that becomes
// busy does not wait for the slices of those that always are. The size makes the allocator
// align them, so that each side has a cache line of its own.
type crews struct {
	fresh, again crew
}

// crewsOfProcessors has one crews for each processor, as a pool does: the lock of a single
// crew would be a bottleneck. Nothing is ever taken from it for long.
var crewsOfProcessors = sync.Pool{New: func() any { return new(crews) }}

// newCrews returns the crews for the objects of a new queue.
func newCrews() *crews {
	c := crewsOfProcessors.Get().(*crews)
	crewsOfProcessors.Put(c)
	return c
}
