//go:build race || desyncdebug

package waits

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// Watching reports whether this build looks for rings of waits.
const Watching = true

// The graph of waits records which goroutine holds an object, and what a goroutine waits
// for. A goroutine that starts to wait may close a ring, and then finds it: it enters its
// own wait and follows the others, both while it holds the lock.
//
// An object is entered after its holder has got it, and removed before the holder lets go
// of it. For a moment at both ends the object is held but has no holder here. That may
// hide a ring from one of its goroutines, but not from the goroutine that closes it, and
// it never shows a ring that does not exist.
var graph = struct {
	sync.Mutex
	holders map[any]holder
	waits   map[goroutine]*Waiting
	placed  map[goroutine]*Waiting // waits that have places in several queues
	follows map[goroutine]*Job     // the jobs of calls of Follow
	clock   int                    // numbers the holds, the jobs and the places
}{
	holders: make(map[any]holder),
	waits:   make(map[goroutine]*Waiting),
	placed:  make(map[goroutine]*Waiting),
	follows: make(map[goroutine]*Job),
}

type goroutine uint64

// A holder is a goroutine that holds an object, and the call that took the object; the
// call is the same for all objects that it has taken at once.
type holder struct {
	by   goroutine
	on   Object
	call int
}

// A Job is a job of an object for which a goroutine waits. All methods may be called on
// a nil *Job.
type Job struct {
	on    Object      // zero until it is queued, if it is followed
	began int         // the clock shortly before it took its place; 0 until then
	over  atomic.Bool // it has ended
}

// A Waiting is a wait that is about to begin.
type Waiting struct {
	by     goroutine
	on     []*Job
	calls  []string // see Calls
	mayEnd bool
	over   func() bool // or nil
	placed int         // the clock when it had its places in all queues; 0 until then
}

// Hold notes that the calling goroutine holds o and no longer waits.
func Hold(o Object) {
	g := self()
	graph.Lock()
	defer graph.Unlock()
	graph.clock++
	graph.holders[o.Key] = holder{g, o, graph.clock}
	endWait(g)
}

// Leave notes that the holder is about to let go of the object with this key.
func Leave(key any) {
	graph.Lock()
	defer graph.Unlock()
	delete(graph.holders, key)
}

// End notes that the calling goroutine no longer waits.
func End() {
	g := self()
	graph.Lock()
	defer graph.Unlock()
	endWait(g)
}

// endWait removes what g waits for; the graph is locked.
func endWait(g goroutine) {
	delete(graph.waits, g)
	delete(graph.placed, g)
}

// NewJob returns the Job for a call that waits for its own job on o: the call will queue
// the job when the wait begins.
func NewJob(o Object) *Job { return &Job{on: o} }

// Follow calls handOver with a Job that stands for the first job that handOver queues on
// an object. The Job is nil in builds that do not watch.
func Follow(handOver func(job *Job)) {
	g := self()
	job := new(Job)
	graph.Lock()
	outer := graph.follows[g]
	graph.follows[g] = job
	graph.Unlock()
	defer func() { // also if handOver panics
		graph.Lock()
		defer graph.Unlock()
		if outer == nil {
			delete(graph.follows, g)
		} else {
			graph.follows[g] = outer
		}
	}()
	handOver(job)
}

// Queue returns a Job for the job that the calling goroutine is about to queue on o.
// Within Follow, it returns the Job of Follow for the first job. It returns nil in builds
// that do not watch.
func Queue(o Object) *Job {
	graph.Lock()
	defer graph.Unlock()
	job := new(Job)
	if len(graph.follows) > 0 {
		if followed := graph.follows[self()]; followed != nil && followed.began == 0 {
			job = followed
		}
	}
	graph.clock++
	job.on, job.began = o, graph.clock
	return job
}

// End notes that the job has ended: a wait for it is no longer part of a ring.
func (j *Job) End() {
	if j != nil {
		j.over.Store(true)
	}
}

// Prepare returns a wait of the calling goroutine for jobs. mayEnd says that the wait can
// end without them, for example because its context ends; then it is not part of rings
// that others close. over, if it is not nil, reports whether the wait has ended although
// some jobs have not; it must neither wait nor call the user's functions.
func Prepare(mayEnd bool, over func() bool, on ...*Job) *Waiting {
	return &Waiting{by: self(), on: on, calls: Calls(""), mayEnd: mayEnd, over: over}
}

// self returns the number of the calling goroutine. Only the first line of its stack
// trace tells.
func self() goroutine {
	var buf [64]byte
	head := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	number, _, _ := bytes.Cut(head, []byte(" "))
	g, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		panic("waits: cannot read the goroutine's number from its stack trace: " + err.Error())
	}
	return goroutine(g)
}
