//go:build !race && !desyncdebug

package waits

import "context"

// Watching reports whether this build looks for rings of waits.
const Watching = false

// A Hook holds the function that [OnAwait] sets for a future.
type Hook struct{}

func (*Hook) set(func(context.Context) (func(), error)) {}

// Await is called before an Await of the future of h waits.
func Await(context.Context, *Hook) (ended func(), err error) { return func() {}, nil }

// Hold notes that the calling goroutine holds o and no longer waits.
func Hold(Object) {}

// Leave notes that the holder is about to let go of the object with this key.
func Leave(key any) {}

// End notes that the calling goroutine no longer waits.
func End() {}

// A Job is a job of an object for which a goroutine waits. All methods may be called on
// a nil *Job.
type Job struct{}

// NewJob returns the Job for a call that waits for its own job on o: the call will queue
// the job when the wait begins.
func NewJob(Object) *Job { return nil }

// Follow calls handOver with a Job that stands for the first job that handOver queues on
// an object. The Job is nil in builds that do not watch.
func Follow(handOver func(job *Job)) { handOver(nil) }

// Queue returns a Job for the job that the calling goroutine is about to queue on o.
// Within Follow, it returns the Job of Follow for the first job. It returns nil in builds
// that do not watch.
func Queue(Object) *Job { return nil }

// End notes that the job has ended: a wait for it is no longer part of a ring.
func (*Job) End() {}

// A Waiting is a wait that is about to begin.
type Waiting struct{}

// Prepare returns a wait of the calling goroutine for jobs. mayEnd says that the wait can
// end without them, for example because its context ends; then it is not part of rings
// that others close. over, if it is not nil, reports whether the wait has ended although
// some jobs have not; it must neither wait nor call the user's functions.
func Prepare(mayEnd bool, over func() bool, on ...*Job) *Waiting { return nil }

// Begin notes the wait. If that would close a ring, it returns a function that returns
// the waits of the ring; call it when no lock is held.
func (*Waiting) Begin() (ring func() []Wait) { return nil }

// Placed notes that the wait, which is for several objects, has its places in all of
// their queues.
func (*Waiting) Placed() {}

// Granted notes that the waiting goroutine has got the object with this key, and waits
// for others. It does nothing if the wait has ended.
func (*Waiting) Granted(key any) {}

// InBackground makes w the wait of a job in the background that needs several objects: no
// goroutine waits. Call it before Begin.
func (*Waiting) InBackground() {}

// Taken notes that the job of a wait in the background has all of its objects and runs on
// the calling goroutine.
func (*Waiting) Taken() {}
